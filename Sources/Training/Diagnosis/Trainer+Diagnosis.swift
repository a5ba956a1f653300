import Compute
import Foundation
import Networks

extension Trainer {
  /// What the end of a failed probe shows, the gravest first: codes whose numbers say so.
  ///
  /// - Parameters:
  ///   - inspection: of a pass at the variables as they stand; nil where they aren't finite.
  ///   - outcome: how the probe ended.
  ///   - relativeGradient: ‖g‖₂ / r over all samples.
  func findings(_ inspection: Inspection?, outcome: Outcome, relativeGradient: Double) -> [Finding] {
    var findings: [Finding] = []
    let duplicates = ConflictingDuplicates(trainingSet)
    if duplicates.groups > 0 {
      findings.append(
        .conflictingDuplicates(
          groups: duplicates.groups, unfittable: duplicates.unfittable, samples: duplicates.samples))
    }
    if let inspection { findings += chance(inspection) }
    findings += rate(
      inspection == nil ? nil : sharpness(), outcome: outcome, relativeGradient: relativeGradient)
    guard let inspection else { return findings }
    let activity = inspection.activity
    // Of a unit that is as often zero as not so many are zero on all samples by chance: of one or two samples many.
    let dead = activity.dead.filter { layer in
      let expected = Double(layer.units) * pow(0.5, Double(trainingSet.count))
      return Double(layer.count) > expected + 3 * expected.squareRoot()
    }
    if !dead.isEmpty { findings.append(.deadUnits(dead)) }
    if let share = activity.saturatedShare, share >= 0.5 || !activity.saturated.isEmpty {
      findings.append(.saturatedUnits(share: share, activity.saturated))
    }
    findings += trend()
    // Through a layer of which nothing is alive no sample is told from another, however few there are.
    let isCut = activity.dead.contains { $0.count == $0.units }
    if !isCut, inspection.unfitCount <= fewSamples, inspection.unfitCount <= max(1, trainingSet.count / 10),
      inspection.unfitCount < trainingSet.count
    {
      let hardest = inspection.unfit.sorted { ($0.margin, $0.sample) < ($1.margin, $1.sample) }.prefix(20)
      findings.append(.fewSamplesLeft(count: inspection.unfitCount, Array(hardest)))
    }
    if findings.isEmpty, let (slope, error) = slope {
      findings.append(.lossFlat(slope: slope, standardError: error))
    }
    return findings
  }

  /// As many unfit samples as are few, where they are no more than a tenth of all.
  var fewSamples: Int { max(5, trainingSet.count / 50) }

  /// Three deviations above the frequency of the commonest label, or less, and less than a tenth of the way from it to a
  /// fit: among few samples three deviations alone are much of the way.
  private func chance(_ inspection: Inspection) -> [Finding] {
    let count = Double(trainingSet.count)
    let commonest = Double(
      Dictionary(trainingSet.labels.map { ($0, 1) }, uniquingKeysWith: +).values.max() ?? 0)
    let (accuracy, chance) = (
      (count - Double(inspection.unfitCount)) / count, commonest / count
    )
    // Of a single class there is nothing to tell apart, and of very few samples neither: chance alone gets them all right.
    let limit = chance + 3 * (chance * (1 - chance) / count).squareRoot()
    guard limit < 1, accuracy - chance < (1 - chance) / 10, accuracy <= limit else { return [] }
    return [.atChance(accuracy: accuracy, chance: chance)]
  }

  private func rate(_ sharpness: Sharpness?, outcome: Outcome, relativeGradient: Double) -> [Finding] {
    guard procedure.optimizer.usesLearningRate else { return [] }
    // The first epochs may throw a step or two back on their way from the start.
    let isThrownBack = record.setbacks.count >= 3 || outcome == .diverged
    // A loss that doesn't fall any more, far from a stationary point: the steps are too long to descend. Where it has never
    // moved they are too short.
    let slope = slope
    let hovers =
      outcome == .budget && record.curve.hasMoved
      && slope.map { $0.slope > -0.05 || $0.slope > -2 * $0.standardError } ?? false
    // Nor are they too long where nothing threw training back and a step two hundred times as long would be stable. (Where the
    // noise of batches keeps a loss from falling, curvature alone would let steps be some twenty times as long.)
    let isShort =
      record.setbacks.count == 0
      && sharpness.map { 200 * $0.largestEigenvalue * $0.learningRate < $0.limit } ?? false
    let gradient = hovers && !isShort && relativeGradient > 0.05 ? relativeGradient : nil
    guard isThrownBack || sharpness?.isUnstable == true || gradient != nil else { return [] }
    return [.rateTooHigh(setbacks: record.setbacks, sharpness: sharpness, relativeGradient: gradient)]
  }

  /// ln loss over ln steps in the last two doublings of the steps.
  private var slope: (slope: Double, standardError: Double)? { record.curve.logarithmicSlope(doublings: 2) }

  /// The slope, where it is beyond twice its error.
  private func trend() -> [Finding] {
    guard let (slope, error) = slope, abs(slope) > 2 * error else { return [] }
    if slope < -0.05 { return [.lossStillFalling(slope: slope, standardError: error)] }
    guard slope > 0.05, let lowest = record.curve.lowest else { return [] }
    return [.lossRising(slope: slope, lowest: lowest.loss, lowestStep: lowest.step)]
  }

  /// λ_max of the Hessian over at most 512 samples, for rules whose stability it decides; nil for others, and where
  /// the objective has no Hessian to speak of.
  private func sharpness() -> Sharpness? {
    guard verifies, let limit = procedure.optimizer.definition.stabilityLimit,
      descent.steps > 0
    else { return nil }
    let largest = Verification(self).largestEigenvalue(
      descent.variables.converted(), shouldStop: objective.interruption.poll)
    return largest.map {
      Sharpness(
        largestEigenvalue: $0, learningRate: startRate * schedule.factor(step: descent.steps - 1),
        limit: limit)
    }
  }
}
