import Capacity

/// Searches of 60,000 samples, and what they find of known curves.
enum Searches {
  static func adaptive(
    _ options: AdaptiveSearch.Options = AdaptiveSearch.Options(), limit: Int = 60_000,
    budget: BudgetRule = .fixed
  ) -> Search {
    Search(
      settings: SearchSettings(strategy: .adaptive(options), budget: budget),
      limits: SearchLimits(samples: limit))
  }

  static func grid(_ sizes: [Int], replicates: Int) -> Search {
    Search(
      settings: SearchSettings(strategy: .grid(GridSearch.Options(sizes: sizes, replicates: replicates))),
      limits: SearchLimits(samples: 60_000))
  }

  static func simulate(
    _ search: Search, _ curve: SimulatedCurve, trials: Int, seed: UInt64 = 5
  ) -> SimulationSummary {
    SearchSimulation(search: search, curve: curve, seed: seed).run(trials: trials, workers: 2)
  }
}
