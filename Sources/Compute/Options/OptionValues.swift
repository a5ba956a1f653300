/// The value of an option.
package enum OptionValue: Sendable, Hashable, Codable, CustomStringConvertible {
  case number(Double)
  case integer(Int)
  case boolean(Bool)
  case word(String)

  /// The value as text.
  package var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .word(let value): value
    }
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
  package func number(_ name: String) -> Double {
    guard case .number(let value)? = values[name] else { preconditionFailure("no number \(name)") }
    return value
  }

  /// As above, of a whole number.
  package func integer(_ name: String) -> Int {
    guard case .integer(let value)? = values[name] else { preconditionFailure("no integer \(name)") }
    return value
  }

  /// As above, of true or false.
  package func boolean(_ name: String) -> Bool {
    guard case .boolean(let value)? = values[name] else { preconditionFailure("no boolean \(name)") }
    return value
  }

  /// As above, of a word of an enumeration.
  package func choice<T: RawRepresentable<String>>(_ name: String, of type: T.Type = T.self) -> T {
    guard case .word(let word)? = values[name], let value = T(rawValue: word) else {
      preconditionFailure("no choice \(name)")
    }
    return value
  }
}
