/// Whether what cells fit tells how they generalise.
package struct Correlation: Sendable {
  /// A coefficient with its interval; the ends are nil where too few cells bound it.
  package struct Coefficient: Sendable, Hashable {
    /// From −1 to 1.
    package let value: Double
    /// Its interval.
    package let lower: Double?
    package let upper: Double?
  }

  /// The coefficients of values, of their ranks, and of the order of pairs (τ_b).
  package typealias AllCoefficients = (pearson: Coefficient, spearman: Coefficient, kendall: Coefficient)

  /// What of a cell's capacity is correlated.
  static let quantities = ["log_emc", "emc_difference", "emc_ratio"]
  /// With what of its generalisation.
  static let measures = ["test_accuracy", "generalization_gap"]

  /// What is correlated: `log_emc`, `emc_difference` or `emc_ratio` with `test_accuracy` or `generalization_gap`.
  package let between: (String, String)
  /// The cells' labels with both values.
  package let points: [(label: String, x: Double, y: Double)]
  /// Of the values.
  package let pearson: Coefficient
  /// Of their ranks.
  package let spearman: Coefficient
  /// τ_b: of the order of pairs.
  package let kendall: Coefficient
  /// Whether the readings of its cells have settled.
  package let isSettled: Bool
  /// The coefficients at half the budget; nil where they have settled, or too little is known of it.
  package let half: AllCoefficients?
  /// In words.
  package let text: String
  let level: Double

  var json: JSONValue {
    .object(
      [
        "between": .array([.string(between.0), .string(between.1)]),
        "points": .array(
          points.map { .object(["label": .string($0.label), "x": .number($0.x), "y": .number($0.y)]) }),
        "settled": .bool(isSettled),
        "half_budget": half.map { .object(members($0)) } ?? .null,
        "text": .string(text),
      ].merging(members((pearson, spearman, kendall))) { $1 })
  }

  private func members(_ coefficients: AllCoefficients) -> [String: JSONValue] {
    [
      "pearson": json(coefficients.pearson), "spearman": json(coefficients.spearman),
      "kendall": json(coefficients.kendall),
    ]
  }

  private func json(_ coefficient: Coefficient) -> JSONValue {
    .object([
      "value": .number(coefficient.value),
      "interval": .object([
        "level": .number(level), "lower": .optional(coefficient.lower), "upper": .optional(coefficient.upper),
      ]),
    ])
  }
}
