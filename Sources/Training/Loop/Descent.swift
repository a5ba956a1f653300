import Compute

/// The variables on their way down: one gradient step after another, through epochs of shuffled batches.
final class Descent<S: Scalar> {
  let objective: NetworkObjective<S>
  let rule: DescentRule<S>
  let variables: Buffer<S>
  private let key: ProbeKey
  private let purpose: RandomPurpose

  /// Steps taken and epochs ended.
  private(set) var steps = 0
  private(set) var epochs = 0
  /// The first position of the next batch, and the epoch's sums so far.
  private(set) var position = 0
  private var epochLoss = 0.0
  private var epochCorrect = 0
  /// Of the last epoch that ended.
  private(set) var meanLoss = Double.nan
  private(set) var runningAccuracy = 0.0

  /// The gradient of the objective at the variables, with weight decay, where `evaluate` was asked last.
  var gradient: Buffer<S> { objective.gradient }

  init(
    objective: NetworkObjective<S>, rule: DescentRule<S>, variables: Buffer<S>, key: ProbeKey,
    purpose: RandomPurpose = .shuffle
  ) {
    self.objective = objective
    self.rule = rule
    self.variables = variables
    self.key = key
    self.purpose = purpose
  }

  /// A batch's sums and the objective's mean over it.
  struct Evaluation {
    var lossMean: Double
    var correct: Int
    var residualMean: Double
    var count: Int
    var isFinite: Bool
  }

  /// Loss and gradient of the next batch at the variables as they stand. Begins the epoch where one is due.
  func evaluate() -> Evaluation {
    if position == 0 {
      objective.shuffle(
        RandomStream(
          seed: key.seed, purpose: purpose, samples: key.samples, replicate: key.replicate, index: epochs))
    }
    let summary = objective.batch(variables, batch, step: steps)
    return finish(summary, count: batch.count, isStep: true)
  }

  /// Loss and gradient over all samples at the variables as they stand.
  func evaluateAll() -> Evaluation {
    finish(objective.full(variables), count: objective.plan.samples, isStep: false)
  }

  private func finish(_ summary: BatchSummary, count: Int, isStep: Bool) -> Evaluation {
    // With SAM the decay is added to the second gradient.
    let decay = isStep && rule.ascends ? 0 : rule.addCoupledDecay(variables, to: gradient)
    let loss = summary.lossSum / Double(count) + decay
    return Evaluation(
      lossMean: loss, correct: summary.correct, residualMean: summary.residualNormSum / Double(count),
      count: count, isFinite: summary.isFinite && loss.isFinite)
  }

  private var batch: Range<Int> {
    position..<min(position + objective.plan.batch, objective.plan.samples)
  }

  /// One step from what `evaluate` found. True where it ends an epoch.
  func advance(_ evaluation: Evaluation, rate: Double) -> Bool {
    var loss = evaluation.lossMean
    if rule.ascends {
      rule.ascend(variables, gradient)
      _ = objective.batch(variables, batch, step: steps)
      rule.comeBack(variables)
      loss += rule.addCoupledDecay(variables, to: gradient)
    }
    rule.descend(variables, gradient, loss: loss, rate: rate)
    steps += 1
    epochLoss += loss * Double(evaluation.count)
    epochCorrect += evaluation.correct
    position = batch.upperBound
    guard position == objective.plan.samples else { return false }
    epochs += 1
    meanLoss = epochLoss / Double(objective.plan.samples)
    runningAccuracy = Double(epochCorrect) / Double(objective.plan.samples)
    position = 0
    epochLoss = 0
    epochCorrect = 0
    return true
  }

  /// Whether the variables and the gradient used last are finite.
  var isFinite: Bool {
    S.isFinite(variables.count, variables.pointer) && S.isFinite(gradient.count, gradient.pointer)
  }
}
