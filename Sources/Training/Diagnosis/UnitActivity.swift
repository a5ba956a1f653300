import Compute
import Networks

/// On how many outputs each hidden unit was flat: where the nonlinearity's slope is zero (rectifiers and their like), or
/// below 1 % of its largest (tanh, sigmoid).
struct UnitActivity {
  /// One layer's counts.
  struct Layer {
    let name: String
    let activation: ActivationKind
    /// Outputs of a unit that were looked at.
    var outputs = 0
    /// Of each unit those that were flat.
    var flat: [Int]
  }

  private(set) var layers: [Layer] = []
  /// Outputs that are looked at together, unless a layer is wider.
  private static let blockSize = 1024
  private var scratch: [Double] = []

  /// Adds what the workspace's last pass over `count` samples left.
  mutating func add<S: Scalar>(_ workspace: Workspace<S>, count: Int) {
    if layers.isEmpty {
      layers = workspace.hiddenLayers.map {
        Layer(name: $0.name, activation: $0.activation, flat: Array(repeating: 0, count: $0.units))
      }
    }
    for (i, hidden) in workspace.hiddenLayers.enumerated() {
      guard let flat = FlatOutputs(hidden.activation) else { continue }
      let (rows, units) = (count * hidden.shape.places, hidden.units)
      let block = max(1, Self.blockSize / units)
      if scratch.count < block * units { scratch = Array(repeating: 0, count: block * units) }
      for row in stride(from: 0, to: rows, by: block) {
        let size = min(block, rows - row) * units
        scratch.withUnsafeMutableBufferPointer { values in
          guard let base = values.baseAddress else { return }
          S.widen(size, workspace.output(of: hidden) + row * units, base)
          flat.count(values.prefix(size), into: &layers[i].flat)
        }
      }
      layers[i].outputs += rows
    }
  }

  /// Units of layers with rectifiers that were flat on every output.
  var dead: [UnitCount] {
    counts { $0.activation.saturates ? 0 : $0.flat.count { [outputs = $0.outputs] in $0 == outputs } }
  }

  /// Units of layers that saturate which did so on at least 95 % of their outputs.
  var saturated: [UnitCount] {
    counts {
      $0.activation.saturates ? $0.flat.count { [outputs = $0.outputs] in 20 * $0 >= 19 * outputs } : 0
    }
  }

  /// The part of all outputs of layers that saturate which are flat; nil without such layers.
  var saturatedShare: Double? {
    let layers = layers.filter(\.activation.saturates)
    let outputs = layers.reduce(0) { $0 + $1.outputs * $1.flat.count }
    return outputs == 0 ? nil : Double(layers.reduce(0) { $0 + $1.flat.reduce(0, +) }) / Double(outputs)
  }

  private func counts(_ count: (Layer) -> Int) -> [UnitCount] {
    layers.compactMap { layer in
      let found = layer.outputs == 0 ? 0 : count(layer)
      return found == 0 ? nil : UnitCount(layer: layer.name, count: found, units: layer.flat.count)
    }
  }
}

extension ActivationKind {
  /// Whether it is flat at both ends.
  var saturates: Bool { self == .tanh || self == .sigmoid }
}

/// The outputs of a nonlinearity at which it is flat: those within an interval, or those outside.
private struct FlatOutputs {
  private let interval: ClosedRange<Double>
  private let isOutside: Bool

  /// Nil for a nonlinearity that is flat nowhere.
  init?(_ kind: ActivationKind) {
    switch kind {
    case .identity, .leakyReLU: return nil
    case .relu: (interval, isOutside) = (0...0, false)
    // Their tails: the slope there is below 10⁻⁴ too.
    case .silu, .gelu: (interval, isOutside) = (-1e-5...1e-5, false)
    case .elu: (interval, isOutside) = (-1 ... -1 + 1e-5, false)
    // 1 − y² < 0.01
    case .tanh: (interval, isOutside) = (-0.99.squareRoot()...0.99.squareRoot(), true)
    // 4 y (1 − y) < 0.01
    case .sigmoid: (interval, isOutside) = ((1 - 0.99.squareRoot()) / 2...(1 + 0.99.squareRoot()) / 2, true)
    }
  }

  /// Adds one for every flat value of (rows, units) to its unit's count.
  func count(_ values: Slice<UnsafeMutableBufferPointer<Double>>, into flat: inout [Int]) {
    let units = flat.count
    var start = values.startIndex
    while start < values.endIndex {
      for unit in 0..<units where interval.contains(values[start + unit]) != isOutside { flat[unit] += 1 }
      start += units
    }
  }
}
