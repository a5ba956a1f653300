import Compute
import Networks

/// The least norm that a gradient can have at a point where kinks meet: with A the kinks within δ of it,
/// A = {(i, j): |z_ij| ≤ δ ‖θ‖ ‖x̃ᵢ‖}, min over s ∈ [0, 1]^A of ‖g₀ + Σ s_ij a_ij x̃ᵢ / n‖₂ / r, x̃ = (x, 1), g₀ the
/// gradient with the units of A off and a_ij what (i, j) adds to it when on.
///
/// Zero means stationary in Clarke's sense. For one hidden layer these are all gradients of the pieces that meet there,
/// as long as the x̃ᵢ of a unit's kinks are linearly independent, so that every pattern of signs has a piece.
package struct KinkCertificate: Sendable, Hashable, Codable {
  /// δ
  package var delta: Double
  /// The least norm over r, the mean of ‖softmax − target‖₂.
  package var relativeGradientNorm: Double
  /// |A|
  package var kinks: Int
  /// Whether every unit's x̃ᵢ are independent: else the pieces' gradients may be fewer than the norm was sought among.
  package var isExact: Bool
}

/// Finds certificates of a network with one hidden layer of straight pieces.
package struct KinkCertifier {
  /// Why a network has no certificate.
  package enum Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    case noKinks, severalHiddenLayers, normalization, noBias, otherLayers, subspace, notInMemory

    /// What stands in the way, as a verdict's reason.
    package var description: String {
      switch self {
      case .noKinks: "without kinks there is nothing to certify"
      case .severalHiddenLayers: "no certificate is exact for kinks of more than one hidden layer"
      case .normalization: "no certificate is exact for kinks behind a norm"
      case .noBias: "a certificate needs a bias in the hidden layer"
      case .otherLayers: "a certificate is of one hidden linear layer and its activation alone"
      case .subspace: "no certificate is exact in a random subspace"
      case .notInMemory: "a certificate needs all samples in memory"
      }
    }
  }

  private let data: TrainingSet<Double>
  private let labels: IndexBuffer
  private let smoothing: Double
  private let kind: ActivationKind
  private let leak: Double
  private let tensors: [ParameterTensor]
  private let units: Int
  private static let chunk = 128

  /// - Throws: `Refusal` where the certificate wouldn't be exact, or the samples aren't in memory.
  package init(
    network: Network<Double>, data: TrainingSet<Double>, smoothing: Double
  ) throws(Refusal) {
    let layer = try Self.layer(of: network)
    guard data.stream == nil else { throw .notInMemory }
    self.data = data
    self.smoothing = smoothing
    leak = layer.leak
    kind = layer.kind
    units = layer.units
    labels = IndexBuffer(data.labels)
    tensors = network.tensors
  }

  /// Bytes of work beside the data, at most; nil where there is no certificate.
  static func bytes(network: Network<Double>) -> Int? {
    guard let units = try? layer(of: network).units else { return nil }
    let side = network.input.count + 1
    return 8 * (network.parameterCount + chunk * (3 * units + 2 * network.classes) + 4 * side * side)
  }

  /// The hidden layer's units, their activation and its slope below zero.
  private static func layer(
    of network: Network<Double>
  ) throws(Refusal) -> (units: Int, kind: ActivationKind, leak: Double) {
    guard network.kinkCount > 0, let layers = try? network.architecture.sequential().layers else {
      throw .noKinks
    }
    // A linear layer with a bias and its activation, and no more than dropout behind.
    let isAlone = layers.count == 2 || layers.count == 3 && layers[2].isDropout
    if isAlone, case .linear(let units, true) = layers[0].kind,
      case .activation(let activation) = layers[1].kind, let leak = activation.kind.leak
    {
      return (units, activation.kind, leak)
    }
    throw refusal(of: layers)
  }

  private static func refusal(of layers: [LayerSpecification]) -> Refusal {
    var (hidden, hasNorm, hasBias) = (0, false, true)
    for layer in layers {
      switch layer.kind {
      case .linear(_, let bias):
        hidden += 1
        hasBias = hasBias && bias
      case .batchNormalization, .layerNormalization: hasNorm = true
      case .activation, .dropout: break
      default: return .otherLayers
      }
    }
    if hidden > 1 { return .severalHiddenLayers }
    if hasNorm { return .normalization }
    return hasBias ? .otherLayers : .noBias
  }

  /// The certificate at θ of the loss + λ/2 ‖θ‖²; nil where `shouldStop` said so.
  package func certificate(
    _ variables: Buffer<Double>, decay: Double, delta: Double, shouldStop: () -> Bool
  ) -> KinkCertificate? {
    let width = data.shape.count
    guard let pass = pass(variables, delta: delta, shouldStop: shouldStop) else { return nil }
    let gradient = pass.gradient
    Double.addScaled(gradient.count, decay, variables.pointer, gradient.pointer)
    // The hidden layer's part is sought unit by unit.
    let (weight, bias) = (gradient.pointer + tensors[0].offset, gradient.pointer + tensors[1].offset)
    var square = Double.dot(gradient.count, gradient.pointer, gradient.pointer)
    var certificate = KinkCertificate(
      delta: delta, relativeGradientNorm: 0, kinks: pass.kinks.reduce(0) { $0 + $1.count }, isExact: true)
    let offset = Buffer<Double>(count: width + 1)
    for (unit, kinks) in pass.kinks.enumerated() where !kinks.isEmpty {
      if shouldStop() { return nil }
      offset.pointer.update(from: weight + unit * width, count: width)
      offset[width] = bias[unit]
      let own = Double.dot(width + 1, offset.pointer, offset.pointer)
      guard kinks.count <= width + 1 else {
        certificate.isExact = false
        // As the network has them: one of the pieces at least.
        for kink in kinks where kink.isOn { add(kink, kink.slope, to: offset) }
        square += Double.dot(width + 1, offset.pointer, offset.pointer) - own
        continue
      }
      let rows = Buffer<Double>(count: kinks.count * (width + 1))
      for (row, kink) in kinks.enumerated() {
        Double.scale(
          width, kink.slope, data.inputs.pointer + kink.sample * width, rows.pointer + row * (width + 1))
        rows[row * (width + 1) + width] = kink.slope
      }
      let least = BoundedLeastSquares(rows: rows, count: kinks.count, offset: offset)
      if !least.hasFullRank || least.violation > 1e-6 { certificate.isExact = false }
      square += least.norm * least.norm - own
    }
    certificate.relativeGradientNorm = max(0, square).squareRoot() / pass.residualMean
    return certificate
  }

  private struct Kink {
    let sample: Int
    /// (1 − leak) a_ij / n
    let slope: Double
    let isOn: Bool
  }

  private func add(_ kink: Kink, _ slope: Double, to row: Buffer<Double>) {
    let width = data.shape.count
    Double.addScaled(width, slope, data.inputs.pointer + kink.sample * width, row.pointer)
    row[width] += slope
  }

  /// The gradient of the mean loss with the kinks' units off, and the kinks of every unit.
  private func pass(
    _ variables: Buffer<Double>, delta: Double, shouldStop: () -> Bool
  ) -> (gradient: Buffer<Double>, kinks: [[Kink]], residualMean: Double)? {
    let (n, width, classes, chunk) = (data.count, data.shape.count, data.classes, Self.chunk)
    let gradient = Buffer<Double>(count: variables.count)
    let at = tensors.map(\.offset)
    let (z, active, slopes) = (
      Buffer<Double>(count: chunk * units), Buffer<Double>(count: chunk * units),
      Buffer<Double>(count: chunk * units)
    )
    let (logits, residuals) = (Buffer<Double>(count: chunk * classes), Buffer<Double>(count: chunk * classes))
    var kinks = [[Kink]](repeating: [], count: units)
    var residualSum = 0.0
    let reach = delta * variables.norm
    for low in stride(from: 0, to: n, by: chunk) {
      if shouldStop() { return nil }
      let rows = min(chunk, n - low)
      let x = data.inputs.pointer + low * width
      Double.multiplyMatrices(
        transposeA: false, transposeB: true, m: rows, n: units, k: width, alpha: 1, a: x, strideA: width,
        b: variables.pointer + at[0], strideB: width, beta: 0, c: z.pointer, strideC: units)
      Double.biasActivation(kind, rows, units, variables.pointer + at[1], z.pointer, active.pointer)
      Double.multiplyMatrices(
        transposeA: false, transposeB: true, m: rows, n: classes, k: units, alpha: 1, a: active.pointer,
        strideA: units, b: variables.pointer + at[2], strideB: units, beta: 0, c: logits.pointer,
        strideC: classes)
      Double.biasActivation(
        .identity, rows, classes, variables.pointer + at[3], logits.pointer, logits.pointer)
      residualSum +=
        Double.softmaxCrossEntropy(
          rows, classes, logits.pointer, labels.pointer + low, smoothing, 1 / Double(n), probabilities: nil,
          gradient: residuals.pointer
        ).residualNormSum
      Double.multiplyMatrices(
        transposeA: true, transposeB: false, m: classes, n: units, k: rows, alpha: 1, a: residuals.pointer,
        strideA: classes, b: active.pointer, strideB: units, beta: 1, c: gradient.pointer + at[2],
        strideC: units)
      Double.columnSums(rows, classes, residuals.pointer, 1, gradient.pointer + at[3])
      Double.multiplyMatrices(
        transposeA: false, transposeB: false, m: rows, n: units, k: classes, alpha: 1, a: residuals.pointer,
        strideA: classes, b: variables.pointer + at[2], strideB: units, beta: 0, c: slopes.pointer,
        strideC: units)
      for row in 0..<rows {
        let size = (Double.dot(width, x + row * width, x + row * width) + 1).squareRoot()
        for unit in 0..<units {
          let place = row * units + unit
          let isOn = z[place] > 0
          if abs(z[place]) <= reach * size, slopes[place] != 0 {
            kinks[unit].append(Kink(sample: low + row, slope: (1 - leak) * slopes[place], isOn: isOn))
            slopes[place] *= leak
          } else if !isOn {
            slopes[place] *= leak
          }
        }
      }
      Double.multiplyMatrices(
        transposeA: true, transposeB: false, m: units, n: width, k: rows, alpha: 1, a: slopes.pointer,
        strideA: units, b: x, strideB: width, beta: 1, c: gradient.pointer + at[0], strideC: width)
      Double.columnSums(rows, units, slopes.pointer, 1, gradient.pointer + at[1])
    }
    return (gradient, kinks, residualSum / Double(n))
  }
}

extension LayerSpecification {
  fileprivate var isDropout: Bool { if case .dropout = kind { true } else { false } }
}
