/// Which cells a study compares, and how surely.
package struct ComparisonSettings: Sendable {
  /// Which pairs.
  package enum Rule: Sendable, Hashable {
    /// All that differ in one factor.
    case pairs
    /// Of those, the ones in which one cell has this value of the factor.
    case against(JSONValue)
  }

  /// Which pairs.
  package var rule: Rule
  /// What is varied, as the axes' pointers: axes that are varied together are one factor.
  package var factors: [[String]]
  /// The level of intervals.
  package var level: Double
  /// The p-value, adjusted over the study, below which a difference counts as shown.
  package var significance: Double
  /// Keys every draw.
  package var seed: UInt64

  /// The comparison of a study with these factors.
  package init(
    rule: Rule = .pairs, factors: [[String]], level: Double = 0.9, significance: Double = 0.05,
    seed: UInt64 = 1
  ) {
    self.rule = rule
    self.factors = factors
    self.level = level
    self.significance = significance
    self.seed = seed
  }
}
