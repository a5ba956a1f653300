/// Why a header can't be built.
package enum HTTPHeaderError: Error, Equatable, Sendable {
  /// The name is not a token (RFC 9110 §5.6.2).
  case invalidName
  /// The value holds a carriage return, a line feed, a NUL or another control character (RFC 9110 §5.5).
  case invalidValue
}

/// A field value (RFC 9110 §5.5): no control characters, no white space around it. Since no other value can
/// be made, nothing put into a header can end it and start another one.
package struct HTTPHeaderValue: Hashable, Sendable, CustomStringConvertible {
  package let text: String

  /// Throws `HTTPHeaderError.invalidValue` for a control character; white space around the text is dropped.
  package init(_ text: String) throws(HTTPHeaderError) {
    guard text.utf8.allSatisfy(\.isFieldContent) else { throw .invalidValue }
    if text.utf8.first?.isWhitespace == true || text.utf8.last?.isWhitespace == true {
      self.text = String(decoding: Array(text.utf8)[...].trimmed, as: UTF8.self)
    } else {
      self.text = text
    }
  }

  init(validated text: String) { self.text = text }

  package var description: String { text }
}

extension HTTPHeaderValue: ExpressibleByStringLiteral {
  /// A value that stands in the source (interpolation is not possible here); one with a control character is
  /// a programmer's mistake.
  package init(stringLiteral text: StaticString) {
    let text = "\(text)"
    precondition(text.utf8.allSatisfy(\.isFieldContent), "a field value has no control characters")
    self.text = text
  }
}
