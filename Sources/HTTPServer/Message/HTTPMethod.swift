/// A request method (RFC 9110 §9): case-sensitive, any token.
public struct HTTPMethod: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The token as it stands in the request line.
  public let rawValue: String

  /// Any text: whether it is a token is checked where it is parsed.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The token.
  public var description: String { rawValue }

  /// RFC 9110 §9.3.1.
  public static let get = HTTPMethod(rawValue: "GET")
  /// RFC 9110 §9.3.2.
  public static let head = HTTPMethod(rawValue: "HEAD")
  /// RFC 9110 §9.3.3.
  public static let post = HTTPMethod(rawValue: "POST")
  /// RFC 9110 §9.3.4.
  public static let put = HTTPMethod(rawValue: "PUT")
  /// RFC 9110 §9.3.5.
  public static let delete = HTTPMethod(rawValue: "DELETE")
  /// RFC 9110 §9.3.6.
  public static let connect = HTTPMethod(rawValue: "CONNECT")
  /// RFC 9110 §9.3.7.
  public static let options = HTTPMethod(rawValue: "OPTIONS")
  /// RFC 9110 §9.3.8.
  public static let trace = HTTPMethod(rawValue: "TRACE")
  /// RFC 5789.
  public static let patch = HTTPMethod(rawValue: "PATCH")

  /// Methods that a resource may or may not allow (405); every other is unknown to the server (501).
  static let recognized: Set<HTTPMethod> = [.get, .head, .post, .put, .delete, .options, .trace, .patch]
}
