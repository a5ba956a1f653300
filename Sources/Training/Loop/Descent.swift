import Compute

/// The variables on their way down: one gradient step after another, through epochs of shuffled batches.
final class Descent<S: Scalar> {
  let objective: NetworkObjective<S>
  let rule: DescentRule<S>
  let variables: Buffer<S>
  private let key: ProbeKey
  private let purpose: RandomPurpose

  /// Where it is.
  private(set) var place = DescentPosition()

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
    if place.batch == 0 { shuffle() }
    let summary = objective.batch(variables, batch, step: steps, epoch: epochs)
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

  private func shuffle() {
    objective.shuffle(
      RandomStream(
        seed: key.seed, purpose: purpose, samples: key.samples, replicate: key.replicate, index: epochs))
  }

  /// Steps taken.
  var steps: Int { place.steps }
  /// Epochs ended.
  var epochs: Int { place.epochs }

  private var batch: Range<Int> { objective.plan.epoch.batch(place.batch) }

  /// One step from what `evaluate` found; none where the second pass of SAM was interrupted. True where it ends an
  /// epoch.
  func advance(_ evaluation: Evaluation, rate: Double) -> Bool {
    var loss = evaluation.lossMean
    if rule.ascends {
      rule.ascend(variables, gradient)
      _ = objective.batch(variables, batch, step: steps, epoch: epochs)
      rule.undoAscent(variables)
      if objective.interruption.hasStopped { return false }
      loss += rule.addCoupledDecay(variables, to: gradient)
    }
    rule.descend(variables, gradient, loss: loss, rate: rate)
    return place.advance(
      through: objective.plan.epoch, loss: loss * Double(evaluation.count), correct: evaluation.correct)
  }

  /// Whether the variables and the gradient used last are finite.
  var isFinite: Bool {
    S.isFinite(variables.count, variables.pointer) && S.isFinite(gradient.count, gradient.pointer)
  }

  /// Goes on from a place that another descent of the same probe reached.
  func restore(_ place: DescentPosition) {
    self.place = place
    if place.batch > 0 { shuffle() }
  }
}

/// Where a descent is in its epochs, and what it has summed there.
struct DescentPosition: Sendable, Codable {
  private(set) var steps = 0
  private(set) var epochs = 0
  /// The number of the next batch.
  private(set) var batch = 0
  private var epochLoss = 0.0
  private var epochCorrect = 0
  /// The mean objective over the batches of the last epoch that ended, each where it was met.
  private(set) var meanLoss = Double.nan
  /// As above, the fraction of samples whose own logit was strictly the largest.
  private(set) var runningAccuracy = 0.0

  /// Takes note of a step. True where that ends an epoch of `partition`.
  mutating func advance(through partition: BatchPartition, loss: Double, correct: Int) -> Bool {
    steps += 1
    epochLoss += loss
    epochCorrect += correct
    batch += 1
    guard batch == partition.count else { return false }
    epochs += 1
    meanLoss = epochLoss / Double(partition.covered)
    runningAccuracy = Double(epochCorrect) / Double(partition.covered)
    batch = 0
    epochLoss = 0
    epochCorrect = 0
    return true
  }

  /// Whether a descent whose epochs are cut like this can be here.
  func isPlausible(in partition: BatchPartition) -> Bool {
    epochs >= 0 && 0 <= batch && batch < partition.count && steps == epochs * partition.count + batch
  }
}
