import Foundation

/// What the runs tell of n₅₀ at one guard, with its interval.
package struct MeasuredThreshold: Sendable {
  /// The fit curve.
  package let posterior: FitCurvePosterior
  /// ln n₅₀.
  package let distribution: ThresholdDistribution
  /// The sizes within which a threshold is looked for.
  let sizes: ClosedRange<Int>
  /// What it is made of.
  private let counts: [FitCount]
  private let search: Search
  var level: Double { search.settings.level }

  /// The threshold at the guard `steps`, of runs that longer guards leave as they are.
  ///
  /// A run that was stopped at a shorter guard, B/2ᵈ, has no verdict there; but runs are stopped that are hardly likely to fit,
  /// and to leave them out would be to count the others alone. With n₅₀ growing by g a doubling, p(n; B/2ᵈ) is p(n (1 + g)ᵈ; B):
  /// it is a failure of that many samples. g is the most that the next shorter guard's runs leave possible.
  init(_ runs: [TrainingRun], at steps: Int, search: Search) {
    var verdicts = Self.verdicts(runs, at: steps)
    if verdicts.count < runs.count {
      let before = MeasuredThreshold(runs, at: steps / 2, search: search)
      let growth = min(Self.largestGrowth, BudgetGrowth(runs, at: steps / 2, threshold: before).upper)
      verdicts += runs.filter { $0.isFit(at: steps) == nil }.map { run in
        let doublings = log2(Double(steps) / Double(run.guardSteps))
        let samples = Double(run.samples) * pow(1 + growth, doublings)
        return (samples: Int(min(samples, Double(Int32.max))), isFit: false)
      }
    }
    self.init(FitCount.counts(verdicts), search: search)
  }

  /// The threshold at the guard `steps` of those runs alone that have a verdict there: in a race, where runs with small guards
  /// only scout and none is held against a procedure for being slow at first.
  init(
    verdictsOf runs: [TrainingRun], at steps: Int, search: Search,
    spacing: Double = FitCurvePosterior.spacing
  ) {
    let counts = FitCount.counts(Self.verdicts(runs, at: steps))
    self.init(
      counts, search: search, sizes: search.sizes,
      posterior: search.design(counts, sizes: search.sizes, spacing: spacing))
  }

  private static func verdicts(_ runs: [TrainingRun], at steps: Int) -> [(samples: Int, isFit: Bool)] {
    runs.compactMap { run in run.isFit(at: steps).map { (samples: run.samples, isFit: $0) } }
  }

  /// What the next sizes are drawn by.
  var design: FitCurvePosterior {
    search.resolvesMore ? search.design(counts, sizes: sizes) : posterior
  }

  /// As many samples more as steps: no procedure fits twice as many in fewer passes over each.
  static let largestGrowth = 1.0

  package init(_ counts: [FitCount], search: Search) {
    self.init(counts, search: search, sizes: search.sizes)
  }

  private init(
    _ counts: [FitCount], search: Search, sizes: ClosedRange<Int>, posterior: FitCurvePosterior? = nil
  ) {
    let posterior = posterior ?? search.reading(counts, sizes: sizes)
    self.posterior = posterior
    distribution = ThresholdDistribution(posterior)
    self.sizes = sizes
    self.counts = counts
    self.search = search
  }

  /// What may be said of it. A search looks for the threshold wherever sizes can be asked for; but a few failures, each of which
  /// may be a lapse, never weigh much beside all the sizes beyond that nobody has tried. Where the interval would reach more than
  /// a factor of 4 beyond the largest size that was, or the smallest, that size is the end of the range.
  package var told: MeasuredThreshold {
    guard let smallest = counts.map(\.samples).min(), let largest = counts.map(\.samples).max() else {
      return self
    }
    let margin = FitCurvePosterior.margin
    let first = lower < log(Double(smallest)) - margin ? max(smallest, sizes.lowerBound) : sizes.lowerBound
    let last = upper > log(Double(largest)) + margin ? min(largest, sizes.upperBound) : sizes.upperBound
    let tried = min(first, last)...last
    return tried == sizes ? self : MeasuredThreshold(counts, search: search, sizes: tried)
  }

  /// Whether a threshold is known of at all: there are runs, and 1 − λ is surely above one half.
  package var isClaimed: Bool { !counts.isEmpty && distribution.massWithout <= 1 - level }

  /// n₅₀; nil where it lies beyond the sizes that can be asked for, or none is claimed, or where it may lie beyond either end: then
  /// its middle is the prior's.
  package var samples: Double? {
    guard isClaimed else { return nil }
    let median = distribution.quantile(0.5)
    return isBounded && posterior.range.contains(median) ? exp(median) : nil
  }

  /// The EMC: n₅₀ in whole samples, the end of the range beyond which it lies (0 where that is not even one sample), nil where no
  /// threshold is claimed or nothing is known of it.
  package var emc: Int? {
    guard isClaimed else { return nil }
    let median = distribution.quantile(0.5)
    if median > posterior.range.upperBound { return sizes.upperBound }
    if median < posterior.range.lowerBound { return sizes.lowerBound == 1 ? 0 : sizes.lowerBound }
    return samples.map { clamped($0) }
  }

  /// The EMC over the number of parameters; nil where there is none, half of all runs don't fit even the smallest size, or it may
  /// lie beyond either end.
  package func emcPerParameter(_ parameters: Int) -> Double? {
    isBelowRange || !isBounded ? nil : emc.map { Double($0) / Double(parameters) }
  }

  /// The mass outside of the interval on each side. Searches end when their interval happens to be narrow, which makes
  /// such intervals cover less than their mass: the tails are three tenths smaller than the level says, so that they do.
  static func tail(_ level: Double) -> Double { (1 - level) / 2 * tailPart }
  private var tail: Double { Self.tail(level) }
  private static let tailPart = 0.7

  private var lower: Double { distribution.quantile(tail) }
  private var upper: Double { distribution.quantile(1 - tail) }

  private func clamped(_ samples: Double) -> Int {
    min(sizes.upperBound, max(sizes.lowerBound, Int(samples)))
  }

  /// The interval, rounded outward; an end is nil where n₅₀ may lie beyond the sizes that can be asked for.
  package var interval: (lower: Int?, upper: Int?) {
    guard isClaimed else { return (nil, nil) }
    let (low, high) = (lower, upper)
    return (
      low < posterior.range.lowerBound ? nil : clamped(exp(low)),
      high > posterior.range.upperBound ? nil : clamped(exp(high).rounded(.up))
    )
  }

  /// Whether n₅₀ has an interval with two ends.
  package var isTwoSided: Bool {
    let (low, high) = interval
    return low != nil && high != nil
  }

  /// Whether it has one end at least: else n₅₀ may lie anywhere.
  private var isBounded: Bool {
    let (low, high) = interval
    return low != nil || high != nil
  }

  /// (upper − lower) / n₅₀
  package var relativeWidth: Double {
    let median = distribution.quantile(0.5)
    return exp(upper - median) - exp(lower - median)
  }

  /// Whether n₅₀ surely lies beyond one end of the range: nothing is left to look for.
  ///
  /// A threshold just inside of an end gives a run of luck a chance to look like one beyond it after every round, and all
  /// of the prior's mass out there speaks for it: ended at the interval's own tail, such searches missed it twice as often
  /// as their level says (`Benchmarks/coverage`, n₅₀ 55,000 of 60,000).
  package var isBeyondRange: Bool {
    let part = min(Self.beyondTail, tail)
    return distribution.quantile(part) > posterior.range.upperBound
      || distribution.quantile(1 - part) < posterior.range.lowerBound
  }
  private static let beyondTail = 0.003

  /// Whether n₅₀ lies below the smallest size.
  package var isBelowRange: Bool { distribution.quantile(0.5) < posterior.range.lowerBound }

  /// Whether n₅₀ is at the largest size or beyond, at the interval's level.
  var isSurelyAtEnd: Bool { isAbove(sizes.upperBound) >= level }

  /// Whether n₅₀ is at the largest size or beyond, or below the smallest, at the interval's level.
  var isSurelyBeyond: Bool { isSurelyAtEnd || isSurelyBelow }

  /// Whether n₅₀ is below the smallest size, at the interval's level.
  var isSurelyBelow: Bool { 1 - isAbove(sizes.lowerBound) >= level }

  /// |ln n − ln n₅₀|
  package func distance(_ samples: Int) -> Double { abs(log(Double(samples)) - distribution.quantile(0.5)) }

  /// Whether a size lies in the interval.
  package func contains(_ samples: Int) -> Bool {
    let (low, high) = interval
    return low.map { $0 <= samples } ?? true && high.map { samples <= $0 } ?? true
  }

  /// The chance that n₅₀ is above a size: a curve that has none is below one half everywhere.
  package func isAbove(_ samples: Int) -> Double {
    (1 - distribution.massWithout) * (1 - distribution.mass(below: log(Double(samples))))
  }
}
