/// Two cells that differ in one factor: how much more the first fits than the second.
package struct Effect: Sendable {
  /// What two readings at one budget say of the ratio of their n₅₀.
  package struct Difference: Sendable {
    /// n₅₀ of the first over n₅₀ of the second; nil where one of them lies beyond its sizes or isn't claimed.
    package let ratio: Double?
    /// The ends of its interval; nil where the data don't bound it.
    package let lower: Double?
    package let upper: Double?
    /// The p-value of equal thresholds; nil where one isn't claimed.
    package let pValue: Double?
    /// The probability that the first is the larger; nil where one isn't claimed, or where it is what lies beyond the sizes that
    /// decides.
    package let probability: Double?
  }

  /// The cells' labels.
  package let between: (String, String)
  /// The factor's pointers.
  package let factor: [String]
  /// At the cells' longest guards.
  package let difference: Difference
  /// The p-value after Holm's adjustment over all of the study.
  package let adjustedPValue: Double?
  /// Whether both readings have settled.
  package let isSettled: Bool
  /// The same at half of the guards, where the readings haven't settled; nil where they have, or nothing tells.
  package let half: Difference?
  /// The effect in words.
  package let text: String
  /// What of these the verdict says: not how far either reading is from settling, which it says once for each.
  let finding: String
  let level: Double

  var json: JSONValue {
    .object(
      difference.members(level).merging([
        "between": .array([.string(between.0), .string(between.1)]),
        "factor": .array(factor.map(JSONValue.string)),
        "p_value_adjusted": .optional(adjustedPValue),
        "settled": .bool(isSettled),
        "half_budget": half.map { .object($0.members(level)) } ?? .null,
        "text": .string(text),
      ]) { $1 })
  }
}

extension Effect.Difference {
  func members(_ level: Double) -> [String: JSONValue] {
    [
      "ratio": .optional(ratio),
      "interval": .object([
        "level": .number(level), "lower": .optional(lower), "upper": .optional(upper),
      ]),
      "p_value": .optional(pValue),
      "probability": .optional(probability),
    ]
  }
}

extension JSONValue {
  /// A number, or null.
  static func optional(_ value: Double?) -> JSONValue { value.map(JSONValue.finite) ?? .null }
}
