/// How a measurement looks for the EMC.
public struct SearchSettings: Sendable, Hashable {
  /// The rule of the search.
  public enum Strategy: String, Sendable, Hashable, CaseIterable {
    /// Doubling, then halving the interval.
    case bisect
  }

  /// The rule.
  public var strategy: Strategy
  /// The first size, at least 1.
  public var initialSamples: Int
  /// The search ends when the bracket is no wider than this part of its lower end (or than 1 sample).
  public var relativeTolerance: Double
  /// Fresh seeds for every size.
  public var replicates: Int

  /// Settings; the defaults are those of a specification that names none.
  public init(
    strategy: Strategy = .bisect, initialSamples: Int = 64, relativeTolerance: Double = 0.05,
    replicates: Int = 3
  ) {
    self.strategy = strategy
    self.initialSamples = initialSamples
    self.relativeTolerance = relativeTolerance
    self.replicates = replicates
  }
}
