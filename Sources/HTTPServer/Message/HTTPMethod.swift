/// A request method (RFC 9110 §9, RFC 5789, the safe method with content): case-sensitive, any token.
package struct HTTPMethod: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The token as it stands in the request line.
  package let rawValue: String

  /// Any text: whether it is a token is checked where it is parsed.
  package init(rawValue: String) { self.rawValue = rawValue }

  package var description: String { rawValue }

  package static let get = HTTPMethod(rawValue: "GET")
  package static let head = HTTPMethod(rawValue: "HEAD")
  package static let post = HTTPMethod(rawValue: "POST")
  package static let put = HTTPMethod(rawValue: "PUT")
  package static let delete = HTTPMethod(rawValue: "DELETE")
  package static let connect = HTTPMethod(rawValue: "CONNECT")
  package static let options = HTTPMethod(rawValue: "OPTIONS")
  package static let trace = HTTPMethod(rawValue: "TRACE")
  package static let patch = HTTPMethod(rawValue: "PATCH")
  package static let query = HTTPMethod(rawValue: "QUERY")

  /// Methods that a resource may or may not allow (405); every other is unknown to the server (501).
  package static let recognized: Set<HTTPMethod> = [
    .get, .head, .post, .put, .delete, .options, .trace, .patch, .query,
  ]
}
