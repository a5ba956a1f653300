/// How a measurement looks for the EMC.
package struct SearchSettings: Sendable, Hashable {
  /// The rule of the search.
  package enum Strategy: String, Sendable, Hashable, CaseIterable {
    /// Doubling, then halving the interval.
    case bisect
  }

  /// The rule.
  package var strategy: Strategy
  /// The first size, at least 1.
  package var initialSamples: Int
  /// The search ends when the bracket is no wider than this part of its lower end (or than 1 sample).
  package var relativeTolerance: Double
  /// Fresh seeds for every size.
  package var replicates: Int

  /// Settings; the defaults are those of a specification that names none.
  package init(
    strategy: Strategy = .bisect, initialSamples: Int = 64, relativeTolerance: Double = 0.05,
    replicates: Int = 3
  ) {
    self.strategy = strategy
    self.initialSamples = initialSamples
    self.relativeTolerance = relativeTolerance
    self.replicates = replicates
  }
}
