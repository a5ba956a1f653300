/// A request as a handler sees it: checked, decoded, its body still arriving.
public struct HTTPRequest: Sendable {
  /// The method.
  public var method: HTTPMethod
  /// The request target as the client wrote it, escapes and query included.
  public let target: String
  /// The segments of the path, decoded one by one; empty for `/`.
  public let segments: [String]
  /// The values of the `{parameters}` of the route's template, decoded.
  public var pathParameters: [String: String] = [:]
  /// The query's parameters, decoded, in order; names may repeat.
  public let query: [(name: String, value: String)]
  /// The header fields.
  public var headers: HTTPHeaders
  /// The content.
  public var body: HTTPBody
  /// The host and port that the client addressed: from the target's absolute form, else the Host field.
  public let authority: String?
  /// Address and port of the peer; nil for a request made in memory.
  public let remoteAddress: String?

  let isAsterisk: Bool

  /// The decoded path. An encoded slash looks like any other here; `segments` keeps them apart.
  public var path: String { isAsterisk ? "*" : "/" + segments.joined(separator: "/") }

  /// The values of a query parameter, in order; none when it doesn't occur.
  public func queryValues(_ name: String) -> [String] {
    query.compactMap { $0.name == name ? $0.value : nil }
  }

  /// A request made in memory. Throws when the target breaks the rules that a received one is held to.
  public init(
    method: HTTPMethod, target: String, headers: HTTPHeaders = [:], body: HTTPBody = HTTPBody(),
    remoteAddress: String? = nil
  ) throws {
    self.init(
      method: method, target: try RequestTarget(Array(target.utf8)[...], method: method),
      headers: headers, body: body, remoteAddress: remoteAddress)
  }

  init(
    method: HTTPMethod, target: RequestTarget, headers: HTTPHeaders, body: HTTPBody, remoteAddress: String?
  ) {
    self.method = method
    self.target = target.text
    segments = target.segments
    query = target.query
    isAsterisk = target.isAsterisk
    authority = target.authority ?? headers[.host]
    self.headers = headers
    self.body = body
    self.remoteAddress = remoteAddress
  }
}
