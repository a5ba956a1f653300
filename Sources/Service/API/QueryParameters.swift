import Foundation
import HTTPServer

/// The query of a request, held against the names that its route knows: each at most once.
struct QueryParameters {
  private let values: [String: String]

  /// - Throws: 400 for a name that isn't known, and for one that is given twice.
  init(_ request: HTTPRequest, known: Set<String>) throws(ProblemDocument) {
    var values: [String: String] = [:]
    for (name, value) in request.query {
      guard known.contains(name) else {
        throw .query(name, value, allowed: "the parameters \(known.sorted().joined(separator: ", "))")
      }
      guard values.updateValue(value, forKey: name) == nil else {
        throw .query(name, value, allowed: "one value; it is given twice")
      }
    }
    self.values = values
  }

  subscript(name: String) -> String? { values[name] }

  /// A number in plain digits: no sign, no space, no separator.
  func integer(_ name: String, in range: ClosedRange<Int>) throws(ProblemDocument) -> Int? {
    guard let text = values[name] else { return nil }
    guard let number = Self.plainDigits(text).flatMap({ Int(exactly: $0) }), range.contains(number) else {
      throw .query(name, text, allowed: "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// `true` or `false`; false where it isn't given.
  func flag(_ name: String) throws(ProblemDocument) -> Bool {
    switch values[name] {
    case nil, "false": return false
    case "true": return true
    case let text?: throw .query(name, text, allowed: "true or false")
    }
  }

  /// The number that digits alone write; nil for any other text.
  static func plainDigits(_ text: String) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
      return nil
    }
    return Int64(text)
  }

  /// A name or value as it stands in a query (RFC 3986 §2.3), whatever is in it.
  static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
  }

  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
