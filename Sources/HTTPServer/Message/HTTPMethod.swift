/// A request method (RFC 9110 §9): case-sensitive, any token.
package struct HTTPMethod: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The token as it stands in the request line.
  package let rawValue: String

  /// Any text: whether it is a token is checked where it is parsed.
  package init(rawValue: String) { self.rawValue = rawValue }

  /// The token.
  package var description: String { rawValue }

  /// RFC 9110 §9.3.1.
  package static let get = HTTPMethod(rawValue: "GET")
  /// RFC 9110 §9.3.2.
  package static let head = HTTPMethod(rawValue: "HEAD")
  /// RFC 9110 §9.3.3.
  package static let post = HTTPMethod(rawValue: "POST")
  /// RFC 9110 §9.3.4.
  package static let put = HTTPMethod(rawValue: "PUT")
  /// RFC 9110 §9.3.5.
  package static let delete = HTTPMethod(rawValue: "DELETE")
  /// RFC 9110 §9.3.6.
  package static let connect = HTTPMethod(rawValue: "CONNECT")
  /// RFC 9110 §9.3.7.
  package static let options = HTTPMethod(rawValue: "OPTIONS")
  /// RFC 9110 §9.3.8.
  package static let trace = HTTPMethod(rawValue: "TRACE")
  /// RFC 5789.
  package static let patch = HTTPMethod(rawValue: "PATCH")

  /// Methods that a resource may or may not allow (405); every other is unknown to the server (501).
  static let recognized: Set<HTTPMethod> = [.get, .head, .post, .put, .delete, .options, .trace, .patch]
}
