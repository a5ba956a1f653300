/// How a measurement looks for the EMC.
package struct SearchSettings: Sendable, Hashable {
  /// The rule of the search.
  package enum Strategy: Sendable, Hashable {
    /// The sizes that tell the most about the threshold for their cost.
    case adaptive(AdaptiveSearch.Options)
    /// Doubling, then halving the interval.
    case bisect(BisectSearch.Options)
    /// Upwards until a size fails.
    case increment(IncrementSearch.Options)
    /// Given sizes.
    case grid(GridSearch.Options)
  }

  /// The rule.
  package var strategy: Strategy
  /// The first size, at least 1.
  package var initialSamples: Int
  /// The level of the interval.
  package var level: Double
  /// How long probes may train.
  package var budget: BudgetRule
  /// Failures whose ends are verified, the nearest to the threshold.
  package var verifiedProbes: Int
  /// The first replicate of every size. Not in the specification: what prepares a measurement takes other replicates than
  /// the measurement.
  package var firstReplicate = 0
  /// The procedures that are raced against each other before the best of them is measured; none: the specification's own is
  /// measured.
  package var candidates: [TuningCandidate] = []

  /// Settings; the defaults are those of a specification that names none.
  package init(
    strategy: Strategy = .adaptive(AdaptiveSearch.Options()), initialSamples: Int = 64, level: Double = 0.9,
    budget: BudgetRule = .fixed, verifiedProbes: Int = 0
  ) {
    self.strategy = strategy
    self.initialSamples = initialSamples
    self.level = level
    self.budget = budget
    self.verifiedProbes = verifiedProbes
  }

  /// Whether later probes may go on from where failures ended.
  var goesOnFromEnds: Bool {
    if case .settle = budget { return true }
    return verifiedProbes > 0
  }
}

/// How long the probes of a measurement may train.
package enum BudgetRule: Sendable, Hashable {
  /// As long as the procedure's guard says.
  case fixed
  /// Twice as long, again and again, until the EMC grows by less than `tolerance` for a doubling, at most `maxSteps`.
  case settle(tolerance: Double, maxSteps: Int)

  /// The growth for a doubling below which a reading counts as settled.
  package var tolerance: Double {
    switch self {
    case .fixed: 0.05
    case .settle(let tolerance, _): tolerance
    }
  }
}

/// What keeps the EMC from being larger.
package enum Bound: String, Sendable, Hashable, CaseIterable {
  /// The failures that decide ended at minima: the EMC is measured.
  case minimum
  /// One ended at a saddle, and none by budget or divergence.
  case saddle
  /// One spent its budget: the EMC is a lower bound.
  case budget
  /// One diverged, and none spent its budget.
  case diverged
  /// All of the data set was fit: the EMC is a lower bound.
  case datasetSize = "dataset_size"
  /// All that memory holds was fit: the EMC is a lower bound.
  case memory
  /// The largest of the sizes that the search was given was fit: the EMC is a lower bound.
  case searchSizes = "search_sizes"
}
