import Compute

/// What a value may be: one declaration for the check, for what the fault says and for the schema.
package indirect enum ValueDomain {
  case integer(ClosedRange<Int>)
  case number(NumberInterval)
  case word(String)
  case either([ValueDomain])

  func contains(_ value: JSONValue) -> Bool {
    switch self {
    case .integer(let range): value.integerValue.map(range.contains) ?? false
    case .number(let interval): value.doubleValue.map(interval.contains) ?? false
    case .word(let word): value == .string(word)
    case .either(let domains): domains.contains { $0.contains(value) }
    }
  }

  /// In words.
  var description: String {
    switch self {
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .number(let interval): interval.description
    case .word(let word): "\"\(word)\""
    case .either(let domains): domains.map(\.description).joined(separator: ", or ")
    }
  }

  var schema: [String: JSONValue] {
    switch self {
    case .integer(let range): .integer(range)
    case .number(let interval): .number(interval)
    case .word(let word): ["const": .string(word)]
    case .either(let domains): ["anyOf": .array(domains.map { .object($0.schema) })]
    }
  }
}

extension [String: JSONValue] {
  /// The schema of an integer; a bound that no document reaches is none.
  static func integer(_ range: ClosedRange<Int>) -> Self {
    var schema: Self = ["type": .string("integer"), "minimum": .integer(range.lowerBound)]
    if range.upperBound < .max { schema["maximum"] = .integer(range.upperBound) }
    return schema
  }

  static func number(_ interval: NumberInterval) -> Self {
    [
      "type": .string("number"),
      interval.includesLower ? "minimum" : "exclusiveMinimum": .number(interval.lower),
      interval.includesUpper ? "maximum" : "exclusiveMaximum": .number(interval.upper),
    ]
  }

  static func array(of items: Self, count: ClosedRange<Int>) -> Self {
    [
      "type": .string("array"), "items": .object(items), "minItems": .integer(count.lowerBound),
      "maxItems": .integer(count.upperBound),
    ]
  }

  /// A list of any length; nothing where none is given.
  static func list(of items: Self) -> Self {
    ["type": .string("array"), "items": .object(items), "default": .array([])]
  }

  static func names(_ names: [String]) -> Self {
    ["type": .string("string"), "enum": .array(names.map(JSONValue.string))]
  }

  static var boolean: Self { ["type": .string("boolean")] }

  static func text(_ allowed: String) -> Self {
    ["type": .string("string"), "description": .string(allowed)]
  }

  /// Null is allowed too, and what holds where nothing is given.
  var orNull: Self {
    guard let type = self["type"] else { return self }
    return merging(["type": .array([type, .string("null")]), "default": .null]) { $1 }
  }

  func withDefault(_ value: JSONValue?) -> Self {
    value.map { merging(["default": $0]) { $1 } } ?? self
  }
}
