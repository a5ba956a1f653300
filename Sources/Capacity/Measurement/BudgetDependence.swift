/// How a measurement's reading depends on how long its probes may train: n₅₀ at the longest guard and its halvings, and by how
/// much it grows for a doubling. Finding it takes several times as long as the estimate itself, which progress needs alone.
package struct BudgetDependence: Sendable {
  /// By how much n₅₀ grows when probes may train twice as long.
  package let growth: BudgetGrowth
  /// Whether that is surely less than the search's tolerance.
  package let isSettled: Bool
  private let estimate: Estimate

  /// What an estimate's probes tell of it.
  package init(_ estimate: Estimate) {
    let search = estimate.search
    // Of a threshold that isn't known there is no growth to tell.
    growth =
      estimate.threshold.isTwoSided
      ? search.growth(
        estimate.history, doublings: search.doublings(estimate.runs), threshold: estimate.threshold)
      : BudgetGrowth()
    isSettled = growth.isSettled(search.settings.budget.tolerance)
    self.estimate = estimate
  }

  var json: JSONValue {
    let search = estimate.search
    return .object([
      "steps": .integer(estimate.guardSteps),
      "settled": .bool(isSettled),
      "tolerance": .number(search.settings.budget.tolerance),
      "trained_anew": .bool(search.procedure.dependsOnGuard),
      "emc_at": .array(
        search.thresholds(estimate.history).map { budget in
          .object([
            "steps": .integer(budget.steps), "emc": .optional(budget.threshold.emc),
            "interval": estimate.intervalJSON(budget.threshold),
          ])
        }),
      "growth_per_doubling": growth.value.map { value in
        .object([
          "value": .number(value),
          "interval": .object([
            "level": .number(search.settings.level), "lower": .number(growth.lower),
            "upper": .number(growth.upper),
          ]),
        ])
      } ?? .null,
    ])
  }
}
