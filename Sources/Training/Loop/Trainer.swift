import Compute
import Networks

/// One probe's training, from the start (or a checkpoint) to its outcome. See `Procedure` for what it does.
///
/// Made on one thread and used on one; a pure function of architecture, data, procedure and key. The number of
/// threads only changes how fast shards are run.
public final class Trainer<S: Scalar> {
  let architecture: Architecture
  let trainingSet: TrainingSet<S>
  let procedure: Procedure
  let key: ProbeKey
  let network: Network<S>
  let objective: NetworkObjective<S>
  let descent: Descent<S>
  let threads: Int

  var schedule: ScheduleState
  var window: LossWindow
  /// The rate at the start; nil until the range test has found it.
  var startRate: Double?
  var rangeTestSteps = 0
  var saddlesLeft = 0
  var curvature: CurvatureReport?
  /// Checks that the end of an epoch made due. With full batches the next step's own pass over the samples serves
  /// them; a probe that is stopped within one makes it again when it is resumed.
  var fitIsDue = false
  var stationarityIsDue = false

  /// Plans and allocates everything.
  public init(
    architecture: Architecture, trainingSet: TrainingSet<S>, procedure: Procedure, key: ProbeKey,
    threads: Int = 1
  ) throws(ArchitectureError) {
    BLAS.useOneThread()
    self.architecture = architecture
    self.trainingSet = trainingSet
    self.procedure = procedure
    self.key = key
    self.threads = threads
    network = try Network<S>(architecture, input: trainingSet.shape, classes: trainingSet.classes)
    let plan = BatchPlan(
      samples: trainingSet.count, procedure: procedure, normalizesBatches: network.hasStatistics)
    let start = Self.startingPoint(network, procedure, key)
    let map = procedure.reparameterization.makeMap(network: network, start: start, key: key)
    objective = NetworkObjective(
      network: network, trainingSet: trainingSet, plan: plan, map: map,
      smoothing: procedure.regularization.labelSmoothing, dropout: network.hasDropout ? DropoutKey(key) : nil,
      threads: threads)
    let variables: Buffer<S>
    if let map {
      variables = Buffer(count: map.variableCount)
      map.start(variables)
    } else {
      variables = start
    }
    descent = Descent(
      objective: objective, rule: procedure.makeRule(objective: objective), variables: variables, key: key)
    schedule = ScheduleState(procedure.schedule, maxSteps: procedure.maxSteps)
    window = LossWindow(
      minimumSteps: procedure.convergence.lossWindow, minimumEpochs: plan.isFull ? 1 : 8)
    if case .fixed(let rate) = procedure.learningRate { startRate = rate }
    if !procedure.optimizer.usesLearningRate { startRate = 1 }
  }

  /// The parameters that this probe starts from.
  func startingPoint() -> Buffer<S> { Self.startingPoint(network, procedure, key) }

  private static func startingPoint(
    _ network: Network<S>, _ procedure: Procedure, _ key: ProbeKey
  ) -> Buffer<S> {
    let start = Buffer<S>(count: network.parameterCount)
    network.initialize(
      start.pointer, procedure.initialization, seed: key.seed, samples: key.samples, replicate: key.replicate)
    return start
  }

  /// Moves the variables to a given point before the first step.
  package func start(from variables: Buffer<S>) { descent.variables.copy(from: variables) }

  /// The variables as they stand.
  package var variables: Buffer<S> { descent.variables }

  /// Trains to the outcome; nil where `shouldStop`, polled once a step, said so. Then `state()` has everything
  /// that is needed to go on elsewhere, and calling `run` again goes on here.
  public func run(
    shouldStop: () -> Bool, progress: ((TrainingProgress) -> Void)? = nil
  ) -> TrainingReport? {
    let rate: Double
    if let startRate {
      rate = startRate
    } else {
      guard let found = findRate(shouldStop: shouldStop) else { return nil }
      (rate, rangeTestSteps) = found
      startRate = rate
    }
    var told = descent.steps
    while descent.steps < procedure.maxSteps {
      if shouldStop() { return nil }
      switch step(rate: rate, shouldStop: shouldStop) {
      case .goesOn: break
      case .stopped: return nil
      case .ended(let outcome, let reason): return report(outcome, reason: reason)
      }
      if let progress, descent.place.position == 0, descent.steps - told >= 100 {
        told = descent.steps
        progress(
          TrainingProgress(
            step: descent.steps, epoch: descent.epochs, loss: descent.place.meanLoss,
            accuracy: descent.place.runningAccuracy, learningRate: rate * schedule.factor(step: descent.steps)
          ))
      }
    }
    return spendBudget(shouldStop: shouldStop)
  }

  /// What a step or a check led to.
  enum Course {
    case goesOn
    case stopped
    case ended(Outcome, String?)
  }

  /// Whether a full batch's own pass is one over all samples with the parameters as they stand, evaluated as a
  /// trained network is.
  var stepIsEvaluation: Bool {
    objective.plan.isFull && !network.hasDropout && !network.hasStatistics
  }

  private func step(rate: Double, shouldStop: () -> Bool) -> Course {
    let left = saddlesLeft
    if descent.rule.optimizer.hasStalled {
      let course = judgeStalled(shouldStop: shouldStop)
      guard case .goesOn = course else { return course }
    } else if stationarityIsDue, !objective.plan.isFull {
      let course = judge(descent.evaluateAll(), shouldStop: shouldStop)
      guard case .goesOn = course else { return course }
    }
    let evaluation = descent.evaluate()
    guard evaluation.isFinite else {
      return .ended(.diverged, "the loss was not finite in step \(descent.steps + 1)")
    }
    if fitIsDue, evaluation.correct == evaluation.count { return .ended(.fit, nil) }
    if stationarityIsDue {
      let course = judge(evaluation, shouldStop: shouldStop)
      guard case .goesOn = course else { return course }
      // Beyond a saddle the gradient is another one.
      if saddlesLeft != left { return .goesOn }
    }
    fitIsDue = false
    let factor = schedule.factor(step: descent.steps)
    window.addStep(factor: factor)
    guard descent.advance(evaluation, rate: rate * factor) else { return .goesOn }
    return endEpoch()
  }

  private func endEpoch() -> Course {
    guard descent.isFinite else {
      return .ended(.diverged, "the gradient was not finite in step \(descent.steps)")
    }
    if descent.place.runningAccuracy >= 0.95 {
      if stepIsEvaluation {
        fitIsDue = true
      } else if objective.fits(descent.variables) {
        return .ended(.fit, nil)
      }
    }
    schedule.endEpoch(loss: descent.place.meanLoss, steps: descent.steps)
    let closed = window.endEpoch(meanLoss: descent.place.meanLoss)
    stationarityIsDue = verifies && closed && lossHasSettled
    return .goesOn
  }

  /// Whether the two last loss windows are close enough.
  var lossHasSettled: Bool {
    window.change.map { $0 <= procedure.convergence.lossChange } ?? false
  }

  /// Whether a minimum can be claimed at all.
  var verifies: Bool { unverifiable == nil }

  /// Why not.
  var unverifiable: String? {
    procedure.unverifiable ?? (network.hasDropout ? "dropout" : nil)
  }
}
