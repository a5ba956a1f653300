/// A request as a handler sees it: checked, decoded, its body still arriving.
package struct HTTPRequest: Sendable {
  package var method: HTTPMethod
  /// The request target as the client wrote it, escapes and query included.
  package let target: String
  /// The segments of the path, decoded one by one; empty for `/`.
  package let segments: [String]
  /// The values of the `{parameters}` of the route's template, decoded.
  package var pathParameters: [String: String] = [:]
  /// The query's parameters, decoded, in order; names may repeat.
  package let query: [(name: String, value: String)]
  package var headers: HTTPHeaders
  package var body: HTTPBody
  /// The host and port that the client addressed: from the target's absolute form, else the Host field.
  package let authority: String?
  /// Address and port of the peer; nil for a request made in memory.
  package let remoteAddress: String?

  /// The template of the route that leads there; nil where there is nothing, and before routing.
  package internal(set) var route: String?
  /// What the log and the answer call this request; empty before `RequestIdentification`.
  package var id = ""
  /// The caller's span, as W3C Trace Context writes it; nil where there is none.
  package var traceParent: String?
  /// Who sends it.
  package var identity = RequestIdentity.anonymous
  /// The secret of the browser's session that it comes with, once that has been found to be one.
  package var sessionCookie: String?
  /// When it must have been answered.
  package let deadline: RequestDeadline

  let isAsterisk: Bool
  /// What answers it, middleware aside.
  var handler: Router.Handler = { _ in throw ProblemDocument(.notFound) }

  /// The target as logs may have it: as it was written, since a decoded line end would forge a line, but without a token
  /// that doesn't belong there.
  package var loggedTarget: String { Secrets.redacted(target) }

  /// The decoded path. An encoded slash looks like any other here; `segments` keeps them apart.
  package var path: String { isAsterisk ? "*" : "/" + segments.joined(separator: "/") }

  /// The values of a query parameter, in order; none when it doesn't occur.
  package func queryValues(_ name: String) -> [String] {
    query.compactMap { $0.name == name ? $0.value : nil }
  }

  /// A request made in memory. Throws when the target breaks the rules that a received one is held to.
  package init(
    method: HTTPMethod, target: String, headers: HTTPHeaders = [:], body: HTTPBody = HTTPBody(),
    remoteAddress: String? = nil
  ) throws {
    self.init(
      method: method, target: try RequestTarget(Array(target.utf8)[...], method: method),
      headers: headers, body: body, remoteAddress: remoteAddress)
  }

  init(
    method: HTTPMethod, target: RequestTarget, headers: HTTPHeaders, body: HTTPBody, remoteAddress: String?,
    deadline: RequestDeadline = RequestDeadline()
  ) {
    self.deadline = deadline
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
