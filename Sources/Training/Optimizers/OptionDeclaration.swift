/// The value of an option.
package enum OptionValue: Sendable, Hashable, Codable {
  case number(Double)
  case integer(Int)
  case boolean(Bool)
}

/// Real numbers between two, each end included or not.
package struct NumberRange: Sendable, Hashable {
  package let lower: Double
  package let upper: Double
  package let includesLower: Bool
  package let includesUpper: Bool

  /// lower ≤ x < upper
  package static func from(_ lower: Double, below upper: Double) -> NumberRange {
    NumberRange(lower: lower, upper: upper, includesLower: true, includesUpper: false)
  }
  /// lower < x ≤ upper
  package static func above(_ lower: Double, to upper: Double) -> NumberRange {
    NumberRange(lower: lower, upper: upper, includesLower: false, includesUpper: true)
  }
}

/// An option as documents have it: its name, what it may be, and what it is where it isn't given. Reading, writing and
/// describing options are made from these.
package struct OptionDeclaration: Sendable, Hashable {
  /// What values there are, with the one that an option has where none is given.
  package enum Domain: Sendable, Hashable {
    case number(NumberRange, default: Double)
    case integer(ClosedRange<Int>, default: Int)
    case boolean(default: Bool)
  }

  /// The member's name.
  package let name: String
  /// What it may be.
  package let domain: Domain
  /// What it does, in a line.
  package let summary: String

  /// What the option is where none is given.
  package var defaultValue: OptionValue {
    switch domain {
    case .number(_, let value): .number(value)
    case .integer(_, let value): .integer(value)
    case .boolean(let value): .boolean(value)
    }
  }

  /// Whether a value is of this option's type.
  func isOf(_ value: OptionValue?) -> Bool {
    switch (domain, value) {
    case (.number, .number?), (.integer, .integer?), (.boolean, .boolean?): true
    default: false
    }
  }

  /// A real number.
  package static func number(
    _ name: String, _ range: NumberRange, default value: Double, _ summary: String
  ) -> OptionDeclaration {
    OptionDeclaration(name: name, domain: .number(range, default: value), summary: summary)
  }

  /// A whole number.
  package static func integer(
    _ name: String, _ range: ClosedRange<Int>, default value: Int, _ summary: String
  ) -> OptionDeclaration {
    OptionDeclaration(name: name, domain: .integer(range, default: value), summary: summary)
  }

  /// True or false.
  package static func boolean(_ name: String, default value: Bool, _ summary: String) -> OptionDeclaration {
    OptionDeclaration(name: name, domain: .boolean(default: value), summary: summary)
  }
}

/// Values by their options' names.
package struct OptionValues: Sendable, Hashable, Codable, ExpressibleByDictionaryLiteral {
  private var values: [String: OptionValue]

  /// No values.
  package init() { values = [:] }

  /// These values.
  package init(dictionaryLiteral elements: (String, OptionValue)...) {
    values = Dictionary(uniqueKeysWithValues: elements)
  }

  /// The value of an option; nil where it has none.
  package subscript(name: String) -> OptionValue? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// The number that a declared option has.
  func number(_ name: String) -> Double {
    guard case .number(let value)? = values[name] else { preconditionFailure("no number \(name)") }
    return value
  }

  /// As above, of a whole number.
  func integer(_ name: String) -> Int {
    guard case .integer(let value)? = values[name] else { preconditionFailure("no integer \(name)") }
    return value
  }

  /// As above, of true or false.
  func boolean(_ name: String) -> Bool {
    guard case .boolean(let value)? = values[name] else { preconditionFailure("no boolean \(name)") }
    return value
  }
}

/// An option whose value doesn't go with another's.
package struct OptionConflict: Sendable, Hashable {
  /// The option.
  package let option: String
  /// What would be right, in words.
  package let allowed: String
  /// What is wrong.
  package let detail: String
}
