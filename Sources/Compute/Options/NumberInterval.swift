/// An interval of real numbers, open or closed at each end.
package struct NumberInterval: Sendable, Hashable, CustomStringConvertible {
  package let lower: Double
  package let upper: Double
  package let includesLower: Bool
  package let includesUpper: Bool

  /// lower ≤ x ≤ upper
  package static func closed(_ lower: Double, _ upper: Double) -> NumberInterval {
    NumberInterval(lower: lower, upper: upper, includesLower: true, includesUpper: true)
  }
  /// lower < x ≤ upper
  package static func above(_ lower: Double, to upper: Double) -> NumberInterval {
    NumberInterval(lower: lower, upper: upper, includesLower: false, includesUpper: true)
  }
  /// lower ≤ x < upper
  package static func from(_ lower: Double, below upper: Double) -> NumberInterval {
    NumberInterval(lower: lower, upper: upper, includesLower: true, includesUpper: false)
  }
  /// lower < x < upper
  package static func open(_ lower: Double, _ upper: Double) -> NumberInterval {
    NumberInterval(lower: lower, upper: upper, includesLower: false, includesUpper: false)
  }

  /// Whether a number lies in it; one that isn't a number does not.
  package func contains(_ value: Double) -> Bool {
    (includesLower ? value >= lower : value > lower) && (includesUpper ? value <= upper : value < upper)
  }

  /// A number that lies in it.
  package var example: Double { includesUpper ? upper : includesLower ? lower : (lower + upper) / 2 }

  /// In words, as faults say it.
  package var description: String {
    "a number \(includesLower ? "from" : "above") \(lower) \(includesUpper ? "to" : "and below") \(upper)"
  }
}
