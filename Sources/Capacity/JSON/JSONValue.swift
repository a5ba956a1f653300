import Foundation

/// A JSON text as a tree (RFC 8259). Numbers that are written as integers and fit stay integers.
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

  /// The tree of a JSON text.
  ///
  /// - Throws: `JSONSyntaxError` when the text is not JSON.
  package init(parsing text: some Sequence<UInt8>) throws(JSONSyntaxError) {
    do {
      self = try JSONDecoder().decode(JSONValue.self, from: Data(text))
    } catch {
      throw JSONSyntaxError(error)
    }
  }

  /// A number, or null where JSON has none: NaN and the infinities.
  package static func finite(_ value: Double) -> JSONValue { value.isFinite ? .number(value) : .null }

  /// A value, or null.
  package static func optional(_ value: Int?) -> JSONValue { value.map(JSONValue.integer) ?? .null }

  /// The text with object members in the order of their names: equal trees give equal texts.
  ///
  /// - Parameter pretty: one member a line, indented.
  package func text(pretty: Bool = false) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("a JSON tree holds only finite numbers: make them with `finite`")
    }
    return String(decoding: data, as: UTF8.self)
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

/// A text that is not JSON; the description says where it stops being so, as far as the parser tells.
package struct JSONSyntaxError: Error, CustomStringConvertible {
  /// Where the text stops being JSON.
  package let description: String

  init(_ error: any Error) {
    let detail: String
    if case DecodingError.dataCorrupted(let context) = error {
      let cause = context.underlyingError.map {
        ($0 as NSError).userInfo["NSDebugDescription"] as? String ?? "\($0)"
      }
      detail = cause ?? context.debugDescription
    } else {
      detail = "\(error)"
    }
    description = "the text is not valid JSON: \(detail)"
  }
}
