import Compute
import Foundation
import Networks

/// One probe's training, from the start (or a checkpoint) to its outcome. See `Procedure` for what it does.
///
/// Made on one thread and used on one; a pure function of architecture, data, procedure and key. The number of
/// threads only changes how fast shards are run.
package final class Trainer<S: Scalar> {
  let architecture: Architecture
  let trainingSet: TrainingSet<S>
  let procedure: Procedure
  let key: ProbeKey
  package let network: Network<S>
  let objective: NetworkObjective<S>
  let descent: Descent<S>
  let threads: Int

  var schedule: ScheduleState
  var window: LossWindow
  var normWindow = NormWindow()
  /// What the guard against drift saw last.
  var drift: DriftReport?
  /// Whether it has refused a point.
  var hasDrifted = false
  /// What the guard measures ‖θ‖₂ against.
  let referenceNorm: Double
  /// The rate at the start.
  let startRate: Double
  var saddlesLeft = 0
  var curvature: CurvatureReport?
  /// Checks that the end of an epoch made due, before the next step. With full batches that step's own pass over the
  /// samples serves them; a probe that is stopped within one makes it again when it is resumed.
  var fitIsDue = false
  var stationarityIsDue = false
  /// What the report tells of the way here.
  var record = TrainingRecord()
  /// What the last whole pass over all samples counted.
  var errorsFound = 0
  /// The levels of training error that are recorded, the largest first.
  let levels: [Double]
  /// The loss of guessing among the classes.
  private let guessing: Double

  /// Plans and allocates everything.
  package init(
    architecture: Architecture, trainingSet: TrainingSet<S>, procedure: Procedure, key: ProbeKey,
    threads: Int = 1
  ) throws(ArchitectureError) {
    BLAS.useOneThread()
    self.architecture = architecture
    self.trainingSet = trainingSet
    self.procedure = procedure
    self.key = key
    self.threads = threads
    guard case .fixed(let rate) = procedure.learningRate else {
      preconditionFailure("a rate is known before anything is trained")
    }
    startRate = procedure.optimizer.usesLearningRate ? rate : 1
    levels = ReachedLevel.levels(beside: procedure.fitTrainingError)
    guessing = log(Double(trainingSet.classes))
    network = try Network<S>(architecture, input: trainingSet.shape, classes: trainingSet.classes)
    let plan = BatchPlan(samples: trainingSet.count, network: network, procedure: procedure)
    let start = Self.startingPoint(network, procedure, key)
    referenceNorm = Self.referenceNorm(network, start: start, inputs: trainingSet.inputs)
    let map = procedure.reparameterization.makeMap(network: network, start: start, key: key)
    objective = NetworkObjective(
      network: network, trainingSet: trainingSet, plan: plan, map: map,
      smoothing: procedure.regularization.labelSmoothing, dropout: network.hasDropout ? DropoutKey(key) : nil,
      augmentation: SampleAugmentation(procedure.augmentation, shape: trainingSet.shape, key: key),
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

  /// Steps taken.
  package var steps: Int { descent.steps }

  /// Begins to count the times below.
  package func startClocks() {
    objective.evaluationClock.start()
    for clock in objective.gatherClocks { clock.start() }
  }

  /// Time spent in passes over all samples that are no step's.
  package var evaluationTime: Duration { objective.evaluationClock.total }

  /// Time spent gathering batches, of all shards together.
  package var gatherTime: Duration { objective.gatherClocks.reduce(.zero) { $0 + $1.total } }

  /// Trains to the outcome; nil where `shouldStop`, polled once a step and in long passes over the samples, said
  /// so. Then `state()` has everything that is needed to go on elsewhere, and calling `run` again goes on here.
  @specialized(where S == Float)
  @specialized(where S == Double)
  package func run(
    checkpoints: Checkpoints? = nil, shouldStop: () -> Bool, progress: ((TrainingProgress) -> Void)? = nil
  ) -> TrainingReport? {
    objective.interruption.asking(shouldStop) {
      let report = run(checkpoints, progress: progress)
      guard !objective.interruption.hasStopped else {
        checkpoints?.write(state())
        return nil
      }
      return report
    }
  }

  /// What the network as it stands makes of samples that it is not trained on: without dropout, and with batch norm's
  /// statistics of the training set; nil where `shouldStop` said so.
  package func test(on samples: TrainingSet<S>, shouldStop: () -> Bool) -> TestReport? {
    objective.interruption.asking(shouldStop) {
      let summary = objective.evaluate(descent.variables, on: samples)
      if objective.interruption.hasStopped { return nil }
      let count = Double(samples.count)
      return TestReport(
        samples: samples.count, accuracy: Double(summary.correct) / count, loss: summary.lossSum / count)
    }
  }

  private func run(_ checkpoints: Checkpoints?, progress: ((TrainingProgress) -> Void)?) -> TrainingReport? {
    let interruption = objective.interruption
    var told = descent.steps
    while descent.steps < procedure.maxSteps {
      if interruption.poll() { return nil }
      if let checkpoints, checkpoints.isDue(descent.steps) { checkpoints.write(state()) }
      let result = step(rate: startRate)
      if interruption.hasStopped { return nil }
      if case .ended(let outcome, let reason) = result {
        if outcome != .fit { checkpoints?.end(state()) }
        return outcome == .budget ? finish(reason: reason) : report(outcome, reason: reason)
      }
      if let progress, descent.place.batch == 0, descent.steps - told >= 100 {
        told = descent.steps
        progress(
          TrainingProgress(
            step: descent.steps, epoch: descent.epochs, loss: descent.place.meanLoss,
            accuracy: descent.place.runningAccuracy,
            learningRate: startRate * schedule.factor(step: descent.steps)))
      }
    }
    // Before the checks of the end, which a longer run doesn't make here.
    let end = checkpoints.map { _ in state() }
    let report = spendBudget()
    if let report, report.outcome != .fit, let end { checkpoints?.end(end) }
    return report
  }

  /// What a step or a check led to. Where training was interrupted on the way it means nothing, and the trainer is
  /// as before the step.
  enum StepResult {
    case continues
    case ended(Outcome, String?)
  }

  /// Whether a full batch's own pass is one over all samples with the parameters as they stand, evaluated as a
  /// trained network is.
  var stepIsEvaluation: Bool {
    objective.plan.isFull && !network.hasDropout && !network.hasStatistics && procedure.augmentation == .none
  }

  private func step(rate: Double) -> StepResult {
    if descent.rule.optimizer.hasStalled {
      let result = judgeStalled()
      guard case .continues = result, !isInterrupted else { return result }
    }
    if fitIsDue, !stepIsEvaluation, countErrors() { return .ended(.fit, nil) }
    if stationarityIsDue, !objective.plan.isFull {
      let result = judge(descent.evaluateAll())
      guard case .continues = result, !isInterrupted else { return result }
    }
    if isInterrupted { return .continues }
    let evaluation = descent.evaluate()
    if isInterrupted { return .continues }
    guard evaluation.isFinite else {
      return .ended(.diverged, "the loss was not finite in step \(descent.steps + 1)")
    }
    if fitIsDue, stepIsEvaluation, note(errors: evaluation.count - evaluation.correct) {
      return .ended(.fit, nil)
    }
    if stationarityIsDue {
      let left = saddlesLeft
      let result = judge(evaluation)
      // Beyond a saddle the gradient is another one.
      guard case .continues = result, !isInterrupted, saddlesLeft == left else { return result }
    }
    record.setbacks.note(
      step: descent.steps + 1, loss: evaluation.lossMean, epoch: descent.place.meanLoss, guessing: guessing)
    let factor = schedule.factor(step: descent.steps)
    let endsEpoch = descent.advance(evaluation, rate: rate * factor)
    if isInterrupted { return .continues }
    fitIsDue = false
    window.addStep(factor: factor)
    return endsEpoch ? endEpoch() : .continues
  }

  /// Whether a pass was ended because training had to stop.
  var isInterrupted: Bool { objective.interruption.hasStopped }

  private func endEpoch() -> StepResult {
    guard descent.isFinite else {
      return .ended(.diverged, "the gradient was not finite in step \(descent.steps)")
    }
    fitIsDue = isNearLevel
    record.curve.endEpoch(
      step: descent.steps, loss: descent.place.meanLoss, accuracy: descent.place.runningAccuracy)
    schedule.endEpoch(loss: descent.place.meanLoss, steps: descent.steps)
    let closed = window.endEpoch(meanLoss: descent.place.meanLoss)
    if closed, verifies { normWindow.close(norm: objective.parameterNorm(descent.variables)) }
    stationarityIsDue = verifies && closed && lossHasSettled
    return .continues
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
