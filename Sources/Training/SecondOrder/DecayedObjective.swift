import Compute
import Networks

/// F(u) = loss(θ) + λ/2 ‖θ‖² over all samples, θ = θ(u) the variables in whitened coordinates, with the kinks of the
/// activations rounded over μ deviations of what they are taken of: what the second-order path goes down.
///
/// λ, μ and the point may be changed at any time; everything is allocated when it is made.
final class DecayedObjective {
  let objective: NetworkObjective<Double>
  private let whitening: InputWhitening?
  private let samples: TrainingSet<Double>
  /// θ.
  let variables: Buffer<Double>
  /// u; θ itself without whitening.
  let coordinates: Buffer<Double>
  /// ∂F/∂u.
  let gradient: Buffer<Double>
  /// λ.
  var decay = 0.0
  private let widths: Buffer<Double>
  private let moments: Buffer<Double>
  /// Evaluations of F so far.
  private(set) var evaluations = 0

  /// `samples` are those in memory: all, or some of a stream.
  init(
    _ objective: NetworkObjective<Double>, whitening: InputWhitening?, samples: TrainingSet<Double>
  ) {
    self.objective = objective
    self.samples = samples
    self.whitening = whitening
    let count = objective.variableCount
    variables = Buffer(count: count)
    coordinates = whitening == nil ? variables : Buffer(count: count)
    gradient = whitening == nil ? objective.gradient : Buffer(count: count)
    widths = Buffer(count: objective.network.kinkCount)
    moments = Buffer(count: 3 * objective.network.kinkCount)
  }

  /// Whether the network has kinks to round.
  var hasKinks: Bool { widths.count > 0 }

  /// Goes to θ.
  func move(to point: Buffer<Double>) {
    variables.copy(from: point)
    whitening?.invert(variables, into: coordinates)
  }

  /// Rounds the kinks over μ deviations, layer by layer, of what they are taken of at θ; 0: not at all.
  func roundKinks(_ relativeWidth: Double) {
    guard hasKinks else { return }
    guard relativeWidth > 0 else { return objective.setKinkWidths(nil) }
    moments.clear()
    objective.addKinkMoments(variables, of: samples, moments)
    for layer in 0..<widths.count {
      let (count, sum, squares) = (moments[3 * layer], moments[3 * layer + 1], moments[3 * layer + 2])
      let variance = count > 0 ? squares / count - (sum / count) * (sum / count) : 0
      widths[layer] = relativeWidth * max(0, variance).squareRoot()
    }
    objective.setKinkWidths(widths)
  }

  /// F at a point, and what is needed to judge it.
  struct Value {
    /// F(u).
    var loss: Double
    /// ‖∂F/∂θ‖₂
    var gradientNorm: Double
    /// r, the mean of ‖softmax − target‖₂.
    var residualMean: Double
    /// Samples whose own logit is strictly the largest, with the kinks as they are rounded.
    var correct: Int
    var isFinite: Bool

    /// ‖∂F/∂θ‖₂ / r
    var relativeGradientNorm: Double { gradientNorm / residualMean }
  }

  /// θ ← θ(u).
  func follow() { whitening?.apply(coordinates, into: variables) }

  /// F, and its gradient by u in `gradient`, at `coordinates`; θ follows them.
  func evaluate() -> Value {
    evaluations += 1
    follow()
    let summary = objective.full(variables)
    let count = variables.count
    let inner = objective.gradient
    var loss = summary.lossSum / Double(objective.plan.samples)
    if decay != 0 {
      Double.addScaled(count, decay, variables.pointer, inner.pointer)
      loss += decay / 2 * Double.dot(count, variables.pointer, variables.pointer)
    }
    let norm = inner.norm
    whitening?.pullBack(inner, into: gradient)
    return Value(
      loss: loss, gradientNorm: norm,
      residualMean: summary.residualNormSum / Double(objective.plan.samples), correct: summary.correct,
      isFinite: summary.isFinite && loss.isFinite && norm.isFinite)
  }
}

extension NetworkObjective {
  /// Rounds the activations' kinks over these widths, layer by layer, in passes in training mode; nil: as they are.
  func setKinkWidths(_ widths: Buffer<S>?) {
    for workspace in workspaces { workspace.kinkWidths = widths }
  }

  /// Adds to `moments` count, sum and sum of squares of what each kink is taken of, over samples in memory.
  func addKinkMoments(_ variables: Buffer<S>, of samples: TrainingSet<S>, _ moments: Buffer<Double>) {
    let parameters = materialized(variables)
    let width = network.input.count
    var low = 0
    while low < samples.count, !interruption.hasStopped {
      let count = min(plan.capacity, samples.count - low)
      workspaces[0].addKinkMoments(
        parameters: parameters, inputs: samples.inputs.pointer + low * width, count: count, moments: moments)
      low += count
    }
  }
}
