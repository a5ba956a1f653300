import Foundation

/// By how much the EMC grows when probes may train twice as long, and whether it has settled.
package struct BudgetGrowth: Sendable {
  /// The growth, 0.12 for 12 %; nil where nothing can be told.
  package let value: Double?
  /// Its interval.
  package let lower: Double
  package let upper: Double

  /// Nothing is known of it.
  init() { (value, lower, upper) = (nil, 0, .infinity) }

  /// The growth at the guard `steps`, from when runs fitted: what the last doubling gave, as far as there is something left to
  /// give. Of the failures that decide those that have ended stay as they are, however long the guard: the growth counts for the
  /// share of the others, whose posterior is Beta(open + ½, ended + ½).
  init(_ runs: [TrainingRun], at steps: Int, threshold: MeasuredThreshold) {
    let times = runs.compactMap { run in Self.time(run, steps: steps).map { (samples: run.samples, time: $0) }
    }
    let posterior = GrowthPosterior(times, threshold: threshold.posterior)
    let tail = MeasuredThreshold.tail(threshold.level)
    let deciding = Estimate.deciding(runs, threshold)
    let ended = deciding.count(where: \.hasEnded)
    func quantile(_ part: Double) -> Double {
      let open =
        ended == 0
        ? 1 : betaQuantile(part, Double(deciding.count - ended) + 0.5, Double(ended) + 0.5)
      return posterior.quantile(part) * open
    }
    (value, lower, upper) = (quantile(0.5), quantile(tail), quantile(1 - tail))
  }

  /// Where a procedure depends on its guard, runs with one say nothing of another: the growth from one guard's threshold
  /// to that of twice as many steps.
  init(from before: MeasuredThreshold, to after: MeasuredThreshold, level: Double) {
    let parts = (0..<64).map { (Double($0) + 0.5) / 64 }
    let (old, new) = (parts.map(before.distribution.quantile), parts.map(after.distribution.quantile))
    let differences = new.flatMap { end in old.map { exp(end - $0) - 1 } }.sorted()
    func quantile(_ part: Double) -> Double { differences[Int(part * Double(differences.count - 1))] }
    let tail = MeasuredThreshold.tail(level)
    value = quantile(0.5)
    lower = quantile(tail)
    upper = quantile(1 - tail)
  }

  /// When a run fitted, by halvings of a guard.
  private static func time(_ run: TrainingRun, steps: Int) -> GrowthPosterior.Time? {
    if let fit = run.fitSteps {
      return fit <= steps / 4
        ? .byQuarter : fit <= steps / 2 ? .byHalf : fit <= steps ? .byWhole : .notByWhole
    }
    if run.hasEnded || run.guardSteps >= steps { return .notByWhole }
    return run.guardSteps >= steps / 2 ? .notByHalf : run.guardSteps >= steps / 4 ? .notByQuarter : nil
  }

  /// Whether the upper end of the growth is below the tolerance.
  package func isSettled(_ tolerance: Double) -> Bool { value != nil && upper < tolerance }

  /// Whether it is more likely than not that more runs would show it to be settled.
  func mayBeSettled(_ tolerance: Double) -> Bool { value.map { $0 < 0.6 * tolerance } ?? false }
}
