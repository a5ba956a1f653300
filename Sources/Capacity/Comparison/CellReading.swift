/// What a cell's probes tell, as a comparison reads it: the same estimate as the measurement's own.
package struct CellReading: Sendable {
  /// n₅₀ at the longest guard.
  package let threshold: MeasuredThreshold
  /// n₅₀ at half of that guard; nil where no run tells of it, as with a procedure that depends on the guard.
  package let half: MeasuredThreshold?
  /// By how much it grows for a doubling of the guard.
  package let growth: BudgetGrowth
  /// Whether that is surely less than the search's tolerance.
  package let isSettled: Bool
  /// The longest guard.
  package let steps: Int
  /// What bounds it; nil where only a threshold is known.
  package let bound: Bound?
  /// The p-value of the check that the fit probability falls with the size.
  package let monotonePValue: Double

  /// What these probes tell.
  package init(_ observations: [ProbeObservation], search: Search) {
    let estimate = Estimate(observations, search: search)
    threshold = estimate.threshold
    let budget = BudgetDependence(estimate)
    growth = budget.growth
    isSettled = budget.isSettled
    bound = estimate.boundedBy
    monotonePValue = estimate.monotonePValue
    steps = search.guardSteps(search.doublings(estimate.runs))
    half = search.thresholdAtHalf(estimate.history)
  }

  /// A reading of a known threshold: what simulated studies compare.
  init(
    threshold: MeasuredThreshold, half: MeasuredThreshold? = nil, growth: BudgetGrowth = BudgetGrowth(),
    isSettled: Bool = true, steps: Int
  ) {
    self.threshold = threshold
    self.half = half
    self.growth = growth
    self.isSettled = isSettled
    self.steps = steps
    bound = nil
    monotonePValue = 1
  }

  static let memberNames = [
    "emc", "interval", "threshold", "settled", "growth_per_doubling", "steps", "bounded_by",
    "emc_per_parameter", "monotone_p_value",
  ]

  var members: [String: JSONValue] {
    let (lower, upper) = threshold.interval
    return [
      "emc": .optional(threshold.emc),
      "interval": .object([
        "level": .number(threshold.level), "lower": .optional(lower), "upper": .optional(upper),
      ]),
      "threshold": threshold.samples.map(JSONValue.number) ?? .null,
      "settled": .bool(isSettled),
      "growth_per_doubling": growth.value.map(JSONValue.number) ?? .null,
      "steps": .integer(steps),
      "bounded_by": bound.map { .string($0.rawValue) } ?? .null,
      "monotone_p_value": .number(monotonePValue),
    ]
  }
}

extension Search {
  /// The threshold at half of the longest guard: runs that fitted tell of it, or probes that had that guard.
  func thresholdAtHalf(_ history: [ProbeObservation]) -> MeasuredThreshold? {
    let top = doublings(runs(history))
    let steps = guardSteps(top) / 2
    guard steps >= 1 else { return nil }
    guard procedure.dependsOnGuard else {
      return MeasuredThreshold(runs(history), at: steps, search: self).told
    }
    return top > 0 ? threshold(history, doublings: top - 1).told : nil
  }
}
