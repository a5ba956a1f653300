import Compute
import Networks

/// Descends a `DecayedObjective` by L-BFGS along a path of falling decay and, where activations have kinks, of falling
/// roundings of them. Every point that it evaluates is looked at for a fit, by the network as it is.
///
/// Plain descent stalls on kinks and in the flat outskirts of saturated units; the decay bends those back, the rounding
/// lets curvature be seen across kinks, and each stage begins where the one before it ended.
final class SecondOrderPath {
  /// One objective on the way.
  struct Stage {
    /// λ.
    var decay: Double
    /// μ, in deviations of what the activations are taken of.
    var rounding: Double
  }

  /// The stages of a network, for a procedure whose own decay is never gone below.
  static func stages(hasKinks: Bool, decay: Double) -> [Stage] {
    zip([1e-5, 1e-6, 1e-7], [1e-2, 3e-3, 1e-3]).map {
      Stage(decay: max($0, decay), rounding: hasKinks ? $1 : 0)
    }
  }

  /// Pairs of differences that the solver keeps: 50, fewer where they would take more than half a gigabyte.
  static func history(variables: Int) -> Int { max(5, min(50, (1 << 29) / (16 * max(1, variables)))) }

  /// Bytes that a path takes beside training: the samples in double precision, the objective, the solver and the
  /// coordinates.
  static func bytes(
    network: Network<Double>, plan: BatchPlan, variables: Int, isConverted: Bool, isMapped: Bool
  ) -> Int {
    let width = network.input.count
    let isStreamed = !ResidentRows.fitInDouble(plan.samples, width: width)
    let samples =
      isStreamed
      ? plan.samples * 12 + min(plan.samples, HessianOperator.subsampleFrom) * 8 * width
      : plan.samples * (isConverted ? 8 * width + 8 : 8)
    let gathers =
      plan.isFull && !isStreamed ? 0 : plan.capacity * ((isStreamed ? 12 : 8) * width + 4)
    let objective =
      plan.shards * (network.workspaceBytes(capacity: plan.capacity) + gathers + 8 * network.parameterCount)
    let whitening = isMapped ? 0 : InputWhitening.bytes(network)
    // A random subspace: its origin, the parameters that it makes and the tables of its transforms.
    let map = isMapped ? 36 * network.parameterCount + 64 * variables : 0
    let coordinates = (whitening > 0 ? 3 : 1) + 2
    return samples + objective + map + whitening
      + 8 * variables * (coordinates + 3 + 2 * history(variables: variables))
  }

  /// How a stage ended.
  enum End {
    case fit
    /// The gradient is below the threshold and the loss has settled.
    case stationary
    /// The network fits with its kinks rounded, and not as it is: narrower ones are due.
    case fitRounded
    /// Neither curvature nor steepest descent made progress at this precision.
    case stalled
    /// The evaluations are spent.
    case spent
    case notFinite
    case stopped
  }

  /// What a stage came to.
  struct Result {
    var end: End
    /// At the fit, or the lowest of the stage.
    var value: DecayedObjective.Value?
    /// ‖θ‖₂
    var norm: Double
  }

  /// Whether ‖θ‖ lies too far out for a minimum at a finite distance: tenfold what it was where the path began, or growing by
  /// more than a tenth for a tenfold smaller decay.
  static func isFar(norms: [Double], from start: Double) -> Bool {
    guard let last = norms.last else { return false }
    return last > 10 * start || norms.count > 1 && last > 1.1 * norms[norms.count - 2]
  }

  /// Whether it is far, or grows for a tenfold smaller decay by more than half as much as for the one before. Towards a minimum at
  /// a finite distance growth falls as the decay does; where data can be separated a network of L layers grows as (ln 1/λ)^(1/L),
  /// by 4 to 9 % each time. A path that has not come to rest grows on its way, and counts as drifting.
  static func isDrifting(norms: [Double], from start: Double) -> Bool {
    let growths = zip(norms, norms.dropFirst()).map { $1 / $0 - 1 }
    guard let growth = growths.last else { return isFar(norms: norms, from: start) }
    return isFar(norms: norms, from: start) || growth > 0.01 && growth > (growths.dropLast().last ?? 0) / 2
  }

  let target: DecayedObjective
  private let solver: LimitedMemoryBFGS<Double>
  private let criteria: ConvergenceCriteria
  /// Errors that a fit may have.
  private let allowedErrors: Int
  /// Whether a fit in double precision is one for the procedure too.
  private let accepts: (Buffer<Double>) -> Bool

  init(
    _ target: DecayedObjective, criteria: ConvergenceCriteria, allowedErrors: Int,
    accepts: @escaping (Buffer<Double>) -> Bool
  ) {
    self.target = target
    self.criteria = criteria
    self.allowedErrors = allowedErrors
    self.accepts = accepts
    let count = target.coordinates.count
    solver = LimitedMemoryBFGS(count: count, history: Self.history(variables: count))
  }

  /// Runs the stages from the target's point, with `evaluations` in all: each may use its part of what is left.
  /// The results of the stages that were run.
  func run(_ stages: [Stage], evaluations: Int) -> [Result] {
    var results: [Result] = []
    let end = target.evaluations + evaluations
    for (number, stage) in stages.enumerated() {
      let left = end - target.evaluations
      guard left > 0 else { break }
      // The last stage ends where nothing moves, not where little does: on nearly separable data that goes on for long.
      let isLast = number == stages.count - 1
      let result = run(
        stage, evaluations: left / (stages.count - number),
        gradientNorm: criteria.gradientNorm / (isLast ? 100 : 10), leavesRoundedFits: !isLast)
      results.append(result)
      switch result.end {
      case .fit, .notFinite, .stopped: return results
      case .fitRounded, .stationary, .stalled, .spent: break
      }
    }
    return results
  }

  /// Goes down one objective from the target's point to the solver's last base.
  func run(
    _ stage: Stage, evaluations: Int, gradientNorm: Double, leavesRoundedFits: Bool = false
  ) -> Result {
    let interruption = target.objective.interruption
    target.decay = stage.decay
    target.roundKinks(stage.rounding)
    solver.restart()
    var losses: [Double] = []
    var best: DecayedObjective.Value?
    var end = End.spent
    for _ in 0..<max(1, evaluations) {
      if interruption.poll() { return Result(end: .stopped, norm: 0) }
      let value = target.evaluate()
      if interruption.hasStopped { return Result(end: .stopped, norm: 0) }
      if isFit(value, rounded: stage.rounding > 0) {
        return Result(end: .fit, value: value, norm: target.variables.norm)
      }
      if interruption.hasStopped { return Result(end: .stopped, norm: 0) }
      if best == nil, !value.isFinite { return Result(end: .notFinite, value: value, norm: 0) }
      if leavesRoundedFits, stage.rounding > 0, value.correct >= target.objective.plan.samples - allowedErrors
      {
        return Result(end: .fitRounded, value: value, norm: target.variables.norm)
      }
      if value.isFinite, value.loss <= best?.loss ?? .infinity { best = value }
      losses.append(best?.loss ?? value.loss)
      let before = losses.count > 10 ? losses[losses.count - 11] : .infinity
      let settled = abs(before - losses[losses.count - 1]) <= criteria.lossChange * abs(before)
      if value.isFinite, value.relativeGradientNorm <= gradientNorm, settled {
        return Result(end: .stationary, value: value, norm: target.variables.norm)
      }
      solver.step(parameters: target.coordinates, gradient: target.gradient, loss: value.loss, rate: 1)
      if solver.hasStalled {
        end = .stalled
        break
      }
    }
    // A trial point may be anywhere.
    solver.returnToBase(target.coordinates)
    target.follow()
    return Result(end: end, value: best, norm: target.variables.norm)
  }

  /// Whether the network as it is fits at the point evaluated last.
  private func isFit(_ value: DecayedObjective.Value, rounded: Bool) -> Bool {
    let objective = target.objective
    let count = objective.plan.samples
    // Rounded kinks, and a batch's statistics, change what the network says of few samples.
    let isNear = rounded || objective.plan.normalizesBatches
    let wrong = count - value.correct
    guard wrong <= (isNear ? max(allowedErrors, count / 20) : allowedErrors) else { return false }
    return objective.errors(target.variables, upTo: allowedErrors) != nil && accepts(target.variables)
  }
}
