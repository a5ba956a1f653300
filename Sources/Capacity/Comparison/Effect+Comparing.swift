import Foundation

extension Effect.Difference {
  /// What two thresholds say.
  init(_ first: MeasuredThreshold, _ second: MeasuredThreshold, level: Double) {
    guard first.isClaimed, second.isClaimed else {
      self.init(ratio: nil, lower: nil, upper: nil, pValue: nil, probability: nil)
      return
    }
    let (a, b) = (first.distribution.masses, second.distribution.masses)
    let ratio = ThresholdRatio(a, over: b)
    let tail = MeasuredThreshold.tail(level)
    // An end that a threshold beyond its sizes would decide is none; how far the other one lies beyond its own is the prior's word,
    // so that for the other end it lies at them.
    let (firstInterval, secondInterval) = (first.interval, second.interval)
    func atEnds() -> ThresholdRatio {
      ThresholdRatio(a.within(first.posterior.range), over: b.within(second.posterior.range))
    }
    let lower: Double? =
      firstInterval.lower == nil || secondInterval.upper == nil
      ? nil : (firstInterval.upper == nil || secondInterval.lower == nil ? atEnds() : ratio).quantile(tail)
    let upper: Double? =
      firstInterval.upper == nil || secondInterval.lower == nil
      ? nil
      : (firstInterval.lower == nil || secondInterval.upper == nil ? atEnds() : ratio).quantile(1 - tail)
    // What lies beyond sizes that were asked for is as likely as their ends, however far: where the prior ends is no evidence.
    let isBounded = first.isTwoSided && second.isTwoSided
    self.init(
      ratio: first.samples == nil || second.samples == nil ? nil : exp(ratio.quantile(0.5)),
      lower: lower.map { exp($0) }, upper: upper.map { exp($0) },
      pValue: isBounded
        ? ratio.pValue : OpenLikelihood.pValue(of: OpenLikelihood(first), and: OpenLikelihood(second)),
      probability: isBounded
        ? ratio.probabilityOfMore
        : OpenPosterior.chance(of: OpenPosterior(first), over: OpenPosterior(second)))
  }
}

extension Effect {
  /// The effects of all pairs, their p-values adjusted over all.
  static func all(of pairs: [ComparedPair], _ settings: ComparisonSettings) -> [Effect] {
    let differences = pairs.map { pair -> Difference? in
      guard let first = pair.first.reading, let second = pair.second.reading else { return nil }
      return Difference(first.threshold, second.threshold, level: settings.level)
    }
    let adjusted = Holm.adjusted(differences.map { $0?.pValue })
    return zip(zip(pairs, differences), adjusted).map { entry, adjusted in
      Effect(entry.0, entry.1, adjusted, settings)
    }
  }

  private init(
    _ pair: ComparedPair, _ difference: Difference?, _ adjusted: Double?, _ settings: ComparisonSettings
  ) {
    let (first, second) = (pair.first.reading, pair.second.reading)
    between = (pair.first.label, pair.second.label)
    factor = pair.factor
    self.difference =
      difference ?? Difference(ratio: nil, lower: nil, upper: nil, pValue: nil, probability: nil)
    adjustedPValue = adjusted
    isSettled = first?.isSettled == true && second?.isSettled == true
    half =
      isSettled
      ? nil
      : first?.half.flatMap { first in
        second?.half.map { Difference(first, $0, level: settings.level) }
      }
    level = settings.level
    let words = EffectText(pair, self.difference, adjusted, half: half, isSettled: isSettled, settings)
    (text, finding) = (words.text, words.finding)
  }
}

/// Holm's step-down adjustment, which holds the chance of any false finding of a study at the level whatever depends on
/// what (Holm, "A simple sequentially rejective multiple test procedure", 1979).
package enum Holm {
  /// Adjusted p-values in the order of the given; nil stays nil and doesn't count.
  package static func adjusted(_ pValues: [Double?]) -> [Double?] {
    let ordered = pValues.indices.filter { pValues[$0] != nil }.sorted { pValues[$0]! < pValues[$1]! }
    var adjusted = pValues
    var largest = 0.0
    for (rank, index) in ordered.enumerated() {
      largest = max(largest, min(1, Double(ordered.count - rank) * pValues[index]!))
      adjusted[index] = largest
    }
    return adjusted
  }
}
