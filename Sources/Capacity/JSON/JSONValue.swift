/// A JSON text as a tree (RFC 8259). Integers that fit are integers, however they were written.
///
/// Specifications are read from this tree rather than decoded directly, since a client is told every fault of
/// its document at once, each with a pointer, and `Decodable` ends at the first.
package enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Trees are equal that say the same: a number is what its value is, however it came about (1.0 is written as 1, and read
  /// as an integer).
  package static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.integer(let a), .number(let b)), (.number(let b), .integer(let a)): Int(exactly: b) == a
    case (.string(let a), .string(let b)): a == b
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }

  /// Equal trees have equal hashes: an integer that equals a number is that number.
  package func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .integer(let value): hasher.combine(Double(value))
    case .number(let value): hasher.combine(value)
    case .string(let value): hasher.combine(value)
    case .array(let value): hasher.combine(value)
    case .object(let value): hasher.combine(value)
    }
  }

  /// The tree of a JSON text.
  ///
  /// - Throws: `JSONSyntaxError` when the text is not JSON, or exceeds the limits.
  package init(
    parsing text: some Sequence<UInt8>, limits: JSONLimits = JSONLimits()
  ) throws(JSONSyntaxError) {
    var parser = JSONParser(Array(text), limits: limits)
    self = try parser.parse()
  }

  /// A number, or null where JSON has none: NaN and the infinities.
  package static func finite(_ value: Double) -> JSONValue { value.isFinite ? .number(value) : .null }

  /// A value, or null.
  package static func optional(_ value: Int?) -> JSONValue { value.map(JSONValue.integer) ?? .null }

  /// The text with object members in the order of their names: equal trees give equal texts.
  ///
  /// - Parameter pretty: one member a line, indented.
  package func text(pretty: Bool = false) -> String { String(decoding: utf8(pretty: pretty), as: UTF8.self) }

  /// The bytes of `text()`.
  package func utf8(pretty: Bool = false) -> [UInt8] {
    var writer = JSONWriter(pretty: pretty)
    writer.write(self)
    return writer.bytes
  }

  /// The value itself where its text has at most `limit` bytes; else the text's beginning as a string, with an
  /// ellipsis: what an error repeats of a document stays small.
  package func excerpt(limit: Int = 400) -> JSONValue {
    var writer = JSONWriter(pretty: false, limit: limit)
    writer.write(self)
    guard writer.bytes.count > limit else { return self }
    let text = stringValue.map { String($0.unicodeScalars.prefix(limit)) }
    return .string(JSONSyntaxError.shortened(text ?? String(decoding: writer.bytes, as: UTF8.self), to: 200))
  }

  /// The member of an object, or nil when this is no object or has no such member.
  package subscript(name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  /// The number, when this is one.
  package var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The integer, when this is one; `2.0` is one too, as JSON Schema has it.
  package var integerValue: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The string, when this is one.
  package var stringValue: String? { if case .string(let value) = self { value } else { nil } }

  /// The elements, when this is an array.
  package var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
}
