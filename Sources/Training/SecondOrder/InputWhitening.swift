import Compute
import Networks

/// Coordinates of the first layer in which its inputs are white: with mean m and covariance C of what it multiplies
/// and C + ε C̄ I = L Lᵀ, its product W x + b is U L⁻¹ (x − m) + c. An exact change of coordinates of the variables,
/// linear, which a quasi-Newton method sees as a preconditioner; other factors than L differ by a rotation, to
/// which such a method is blind.
///
/// For convolutions, and patches as tokens, x are the patches of the images.
package final class InputWhitening {
  /// ε, relative to the mean variance C̄.
  package static let ridge = 1e-2
  /// The widest first layer: L takes 8 · inputs² bytes.
  static let widest = 4096
  /// Samples that the moments are taken of, at most.
  private static let momentSamples = 8192

  private let layer: FirstLayer
  private let mean: Buffer<Double>
  private let factor: Buffer<Double>
  private let offsets: Buffer<Double>

  /// Nil where the first layer doesn't multiply the inputs as they are, is too wide, or they don't vary.
  package init?(network: Network<Double>, data: TrainingSet<Double>) {
    guard let layer = FirstLayer(network) else { return nil }
    self.layer = layer
    let side = layer.inputs
    let mean = Buffer<Double>(count: side)
    let factor = Buffer<Double>(count: side * side)
    var moments = InputMoments(mean: mean, products: factor)
    moments.add(data, kernel: layer.kernel, limit: Self.momentSamples)
    guard moments.rows > 0 else { return nil }
    Double.scale(side, 1 / Double(moments.rows), mean.pointer, mean.pointer)
    var trace = 0.0
    for i in 0..<side {
      for j in i..<side {
        let covariance = factor[i * side + j] / Double(moments.rows) - mean[i] * mean[j]
        factor[i * side + j] = covariance
        factor[j * side + i] = covariance
      }
      trace += factor[i * side + i]
    }
    guard trace > 0, trace.isFinite else { return nil }
    for i in 0..<side { factor[i * side + i] += Self.ridge * trace / Double(side) }
    guard Double.choleskyFactor(side, matrix: factor.pointer) else { return nil }
    self.mean = mean
    self.factor = factor
    offsets = Buffer(count: layer.outputs)
  }

  /// Bytes that the coordinates of this network take, or 0 where it gets none.
  static func bytes<S: Scalar>(_ network: Network<S>) -> Int {
    FirstLayer(network).map { 8 * ($0.inputs * $0.inputs + $0.inputs + $0.outputs) } ?? 0
  }

  /// W = U L⁻¹, b = c − W m; every other variable as it is.
  package func apply(_ coordinates: Buffer<Double>, into variables: Buffer<Double>) {
    variables.copy(from: coordinates)
    let weight = variables.pointer + layer.weight
    Double.solveTriangular(
      transpose: false, m: layer.outputs, n: layer.inputs, l: factor.pointer, b: weight)
    shiftBias(of: variables, by: -1)
  }

  /// The coordinates of a point.
  package func invert(_ variables: Buffer<Double>, into coordinates: Buffer<Double>) {
    coordinates.copy(from: variables)
    shiftBias(of: coordinates, by: 1)
    Double.multiplyTriangular(
      transpose: false, m: layer.outputs, n: layer.inputs, l: factor.pointer,
      b: coordinates.pointer + layer.weight)
  }

  /// The gradient by the coordinates from that by the variables: ∂U = (∂W − ∂b mᵀ) L⁻ᵀ.
  package func pullBack(_ gradient: Buffer<Double>, into result: Buffer<Double>) {
    result.copy(from: gradient)
    let weight = result.pointer + layer.weight
    if let bias = layer.bias {
      Double.addOuterProduct(
        rows: layer.outputs, columns: layer.inputs, alpha: -1, x: result.pointer + bias, y: mean.pointer,
        a: weight, strideA: layer.inputs)
    }
    Double.solveTriangular(transpose: true, m: layer.outputs, n: layer.inputs, l: factor.pointer, b: weight)
  }

  /// b += sign · W m.
  private func shiftBias(of variables: Buffer<Double>, by sign: Double) {
    guard let bias = layer.bias else { return }
    Double.multiplyVector(
      transpose: false, rows: layer.outputs, columns: layer.inputs, alpha: sign,
      a: variables.pointer + layer.weight, strideA: layer.inputs, x: mean.pointer, beta: 0,
      y: offsets.pointer)
    Double.add(layer.outputs, variables.pointer + bias, offsets.pointer, variables.pointer + bias)
  }
}

/// Where the layer that multiplies the inputs has its parameters.
private struct FirstLayer {
  let outputs: Int
  let inputs: Int
  let weight: Int
  let bias: Int?
  /// Height and width of a patch; nil where the whole sample is multiplied.
  let kernel: (height: Int, width: Int)?

  init?<S: Scalar>(_ network: Network<S>) {
    // A norm in front changes what the layer multiplies, as does what has no parameters.
    guard let weight = network.tensors.first(where: { $0.role != .embedding }), weight.role == .weight,
      let first = network.layers.first, first.parameterCount > 0
    else { return nil }
    (outputs, inputs) = weight.matrix
    self.weight = weight.offset
    switch weight.layout {
    case .plain, .flattened:
      guard inputs == network.input.count else { return nil }
      kernel = nil
    case .convolution(_, let channels, let height, let width):
      guard channels == network.input.channels else { return nil }
      kernel = (height, width)
    case .depthwise:
      return nil
    }
    guard inputs <= InputWhitening.widest else { return nil }
    // A layer that a norm follows has no bias.
    let next = network.tensors.first { $0.offset == weight.offset + weight.count }
    let isBias = next?.role == .bias && next?.count == outputs
    bias = isBias ? next?.offset : nil
  }
}

/// Sums over the rows that the first layer multiplies: Σ x, and Σ x xᵀ in the upper triangle.
private struct InputMoments {
  let mean: Buffer<Double>
  let products: Buffer<Double>
  private(set) var rows = 0

  init(mean: Buffer<Double>, products: Buffer<Double>) {
    self.mean = mean
    self.products = products
  }

  mutating func add(_ data: TrainingSet<Double>, kernel: (height: Int, width: Int)?, limit: Int) {
    let count = min(data.count, limit)
    guard let kernel, case .image(let height, let width, let channels) = data.shape else {
      return add(data.inputs.pointer, count)
    }
    // The patches around every place inside, with the zero border of a padded convolution.
    let (down, right) = ((kernel.height - 1) / 2, (kernel.width - 1) / 2)
    let side = kernel.height * kernel.width * channels
    let patches = Buffer<Double>(count: height * width * side)
    // A tenth of the samples of a large set are patches enough.
    for sample in 0..<min(count, max(64, count / 10)) {
      let image = data.inputs.pointer + sample * data.shape.count
      Double.fill(patches.count, 0, patches.pointer)
      for row in 0..<height {
        for column in 0..<width {
          let patch = patches.pointer + (row * width + column) * side
          let low = max(0, right - column)
          let high = min(kernel.width, width + right - column)
          for line in max(0, down - row)..<min(kernel.height, height + down - row) {
            (patch + (line * kernel.width + low) * channels).update(
              from: image + ((row + line - down) * width + column + low - right) * channels,
              count: (high - low) * channels)
          }
        }
      }
      add(patches.pointer, height * width)
    }
  }

  private mutating func add(_ x: UnsafePointer<Double>, _ count: Int) {
    let side = mean.count
    Double.columnSums(count, side, x, 1, mean.pointer)
    Double.multiplyByOwnTranspose(
      transpose: true, n: side, k: count, alpha: 1, a: x, strideA: side, beta: 1, c: products.pointer,
      strideC: side)
    rows += count
  }
}
