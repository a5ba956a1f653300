import Compute

/// y = σ(γx̂ + β), x̂ = (x − mean)/√(variance + 10⁻⁵) with each channel's mean and biased variance over the batch's
/// samples and places (Ioffe and Szegedy 2015).
///
/// Derivatives go through the statistics. Evaluation takes the mean and mean square that `statistics` passes pooled.
/// Backward finds z = γx̂ + β anew from x, so that only x is kept.
package struct BatchNormalization<S: Scalar>: Layer {
  /// The input's shape.
  package let outputShape: SampleShape
  let kind: ActivationKind
  let kink: KinkSlot?
  let scale: ParameterSlot
  let shift: ParameterSlot
  let statistics: StatisticsSlot
  /// Five vectors over the channels: what forward finds.
  let moments: MemorySlot
  /// Coefficients of the backward passes, five vectors over the channels.
  let coefficients: MemorySlot
  /// Sums of x's tangent, which backward needs too.
  let inputSums: MemorySlot
  /// Sums of the slopes and of their tangents, and Σ d·t.
  let slopeSums: MemorySlot
  /// z, for second derivatives of a layer with an activation.
  let preactivation: MemorySlot?
  /// The tangent of the network's input, where that feeds the layer.
  let still: MemorySlot?

  var places: Int { outputShape.places }
  var channels: Int { outputShape.channels }

  /// A layer named `name`.weight and `name`.bias.
  package init(
    _ builder: LayerBuilder<S>, name: String, shape: SampleShape, activation: Activation = .identity
  ) throws(ArchitectureError) {
    outputShape = shape
    kind = activation.kind
    kink = builder.kink(kind)
    let channels = shape.channels
    still = try builder.stillInput(shape)
    scale = try builder.parameter("\(name).weight", shape: [channels], fanIn: 1, role: .normalizationScale)
    shift = try builder.parameter("\(name).bias", shape: [channels], fanIn: 1, role: .normalizationShift)
    statistics = builder.statistics(4 * channels)
    moments = try builder.saved(constant: 5 * channels)
    builder.recordNormalized(NormalizedLayer(name: name, channels: channels, slot: moments))
    inputSums = try builder.saved(constant: Self.sumsCount(channels))
    preactivation =
      builder.secondOrder && kind != .identity ? try builder.saved(perSample: shape.count) : nil
    coefficients = try builder.scratch(constant: 5 * channels)
    slopeSums = try builder.scratch(constant: 2 * Self.sumsCount(channels) + channels)
    builder.record(
      name: name, kind: "batch norm", output: shape, parameterCount: 2 * channels, productFlops: 0)
  }

  /// Two doubles a channel, in elements of S, rounded up to whole cache lines.
  private static func sumsCount(_ channels: Int) -> Int {
    (2 * channels * MemoryLayout<Double>.stride / S.bytes + 15) & ~15
  }

  /// The vectors that forward finds.
  struct Moments {
    let mean: UnsafeMutablePointer<S>
    let variance: UnsafeMutablePointer<S>
    let inverse: UnsafeMutablePointer<S>
    /// z = scale·x + shift
    let scale: UnsafeMutablePointer<S>
    let shift: UnsafeMutablePointer<S>
  }

  func moments(_ pass: Pass<S>) -> Moments {
    let start = pass.memory(moments)
    return Moments(
      mean: start, variance: start + channels, inverse: start + 2 * channels, scale: start + 3 * channels,
      shift: start + 4 * channels)
  }

  /// Memory of S that holds sums in double precision, cleared.
  func sums(_ pass: Pass<S>, _ slot: MemorySlot, part: Int = 0) -> UnsafeMutablePointer<Double> {
    let sums = doubles(pass, slot, part: part)
    Double.fill(2 * channels, 0, sums)
    return sums
  }

  func doubles(_ pass: Pass<S>, _ slot: MemorySlot, part: Int = 0) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(pass.memory(slot) + part * Self.sumsCount(channels))
      .bindMemory(to: Double.self, capacity: 2 * channels)
  }

  package var activation: ActivationKind? { kind }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    findMoments(pass, x)
    if let preactivation {
      apply(pass, .identity, x, addend: nil, into: pass.memory(preactivation))
      pass.activate(kind, kink, pass.count * places, channels, nil, pass.memory(preactivation), y)
    } else if pass.treats(kink) {
      apply(pass, .identity, x, addend: nil, into: y)
      pass.activate(kind, kink, pass.count * places, channels, nil, y, y)
    } else {
      apply(pass, kind, x, addend: nil, into: y)
    }
  }

  /// Scale and shift of this batch, or of the statistics in an evaluation.
  func findMoments(_ pass: Pass<S>, _ x: UnsafePointer<S>) {
    let found = moments(pass)
    if pass.mode == .evaluation {
      S.pooledMoments(
        channels, weight: Double(pass.statisticsCount), statistics: pass.statistics(statistics),
        mean: found.mean, variance: found.variance)
    } else {
      let rows = pass.count * places
      let sums = sums(pass, slopeSums)
      S.addMoments(rows, channels, shift: x, x: x, sums: sums)
      S.moments(rows, channels, shift: x, sums: sums, mean: found.mean, variance: found.variance)
      if pass.mode == .statistics {
        S.poolMoments(
          channels, weight: Double(pass.count), mean: found.mean, variance: found.variance,
          statistics: pass.statistics(statistics))
      }
    }
    S.normCoefficients(
      channels, epsilon: 1e-5, gamma: pass.value(scale), beta: pass.value(shift), mean: found.mean,
      variance: found.variance, inverse: found.inverse, scale: found.scale, shift: found.shift)
  }

  /// y = σ(scale·x + shift + addend).
  func apply(
    _ pass: Pass<S>, _ kind: ActivationKind, _ x: UnsafePointer<S>, addend: UnsafePointer<S>?,
    into y: UnsafeMutablePointer<S>
  ) {
    let found = moments(pass)
    S.affineActivation(
      kind, pass.count * places, channels, scale: found.scale, shift: found.shift, x: x, addend: addend, y: y)
  }

  /// dx and the parameters' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    guard pass.treats(kink) else { return backward(pass, kind, x: x, dy: dy, dx: dx) }
    pass.activationBackward(kind, kink, pass.count * places, channels, y, dy, 0, nil)
    backward(pass, .identity, x: x, dy: dy, dx: dx)
  }

  /// The same with another activation than the layer's own; dx may be dy, which is left as it is otherwise.
  func backward(
    _ pass: Pass<S>, _ kind: ActivationKind, x: UnsafePointer<S>, dy: UnsafePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    let rows = pass.count * places
    let found = moments(pass)
    let sums = sums(pass, slopeSums)
    S.addNormProducts(
      kind, rows, channels, scale: found.scale, shift: found.shift, mean: found.mean, x: x, d: dy, sums: sums)
    S.normBackwardCoefficients(
      rows, channels, gamma: pass.value(scale), inverse: found.inverse, sums: sums,
      coefficients: pass.memory(coefficients), keep: pass.keep, gammaGradient: pass.gradient(scale),
      betaGradient: pass.gradient(shift))
    guard let dx else { return }
    S.normCombine(
      kind, rows, channels, scale: found.scale, shift: found.shift, mean: found.mean,
      coefficients: pass.memory(coefficients), x: x, d: dy, y: dx)
  }
}
