import Compute

/// One named tensor of a network, as PyTorch names and shapes it, and where it lies in the flat vector.
package struct ParameterTensor: Sendable, Hashable {
  /// What a tensor does, which decides how it starts.
  package enum Role: Sendable, Hashable {
    /// Multiplies activations.
    case weight
    /// Is added to a weight's products; starts within ±1/√fanIn of that weight.
    case bias
    /// A normalisation's scale; starts at 1.
    case normalizationScale
    /// A normalisation's shift; starts at 0.
    case normalizationShift
    /// Learned inputs (class token, positions); start normal with deviation 0.02.
    case embedding
  }

  /// How PyTorch's order of the elements maps to the one in memory.
  package enum Layout: Sendable, Hashable {
    /// The same order.
    case plain
    /// (outputs, inputs, height, width) in PyTorch; (outputs, height, width, inputs) in memory.
    case convolution(outputs: Int, inputs: Int, height: Int, width: Int)
    /// (outputs, channels × height × width) in PyTorch; (outputs, height × width × channels) in memory: a linear layer
    /// on a flattened image.
    case flattened(outputs: Int, channels: Int, height: Int, width: Int)
    /// (channels, 1, height, width) in PyTorch; (height × width, channels) in memory.
    case depthwise(channels: Int, taps: Int)
  }

  /// PyTorch's name.
  package let name: String
  /// PyTorch's shape.
  package let shape: [Int]
  /// The first element's place in the flat vector.
  package let offset: Int
  /// Elements.
  package let count: Int
  /// Inputs that reach one output.
  package let fanIn: Int
  /// Outputs that one input reaches.
  package let fanOut: Int
  /// What it does.
  package let role: Role
  /// Its order in memory.
  package let layout: Layout
  /// Whether it belongs to the layer that makes the logits.
  package let isOutput: Bool

  /// Rows and columns in memory as a matrix: outputs first, everything else second (but for depthwise weights).
  package var matrix: (rows: Int, columns: Int) {
    guard shape.count > 1, let rows = shape.first, rows > 0 else { return (count, 1) }
    if case .depthwise(let channels, let taps) = layout { return (taps, channels) }
    return (rows, count / rows)
  }

  /// The place in memory, from the tensor's first element, of every element in PyTorch's order.
  func places() -> [Int] {
    let (outputs, channels, height, width): (Int, Int, Int, Int)
    switch layout {
    case .plain: return Array(0..<count)
    case .depthwise(let channels, let taps):
      return (0..<count).map { $0 % taps * channels + $0 / taps }
    case .convolution(let o, let i, let h, let w): (outputs, channels, height, width) = (o, i, h, w)
    case .flattened(let o, let c, let h, let w): (outputs, channels, height, width) = (o, c, h, w)
    }
    var places: [Int] = []
    places.reserveCapacity(count)
    for output in 0..<outputs {
      for channel in 0..<channels {
        for place in 0..<height * width {
          places.append((output * height * width + place) * channels + channel)
        }
      }
    }
    return places
  }

  /// Writes values in PyTorch's order to their places in the flat vector.
  func store<S: Scalar>(_ values: [S], into parameters: UnsafeMutablePointer<S>) {
    precondition(values.count == count, "one value for every element of \(name)")
    for (value, place) in zip(values, places()) { parameters[offset + place] = value }
  }

  /// The values in PyTorch's order.
  func load<S: Scalar>(from parameters: UnsafePointer<S>) -> [S] {
    places().map { parameters[offset + $0] }
  }
}
