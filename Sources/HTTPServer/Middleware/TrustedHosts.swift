/// Refuses requests for another host's name (421, RFC 9110 §15.5.20): a page of that host whose name was made
/// to lead here (DNS rebinding) could read every answer otherwise. Loopback names and addresses in digits,
/// which no name server can redirect, are served, and the names that are given.
package struct TrustedHosts: Middleware {
  private let names: Set<String>

  /// - Parameter names: without ports, in any case.
  package init(_ names: some Sequence<String> = []) {
    self.names = Set(names.map(Self.canonical))
  }

  package func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
    guard let authority = request.authority else { return try await next(request) }
    let host = Authority.host(authority)
    guard isTrusted(host) else {
      throw ProblemDocument(
        .misdirectedRequest,
        detail: "This server doesn't answer for the host \(host); it answers for localhost, for addresses in "
          + "digits and for the names it was configured with.")
    }
    return try await next(request)
  }

  func isTrusted(_ host: String) -> Bool {
    let host = Self.canonical(host)
    return host == "localhost" || host.hasSuffix(".localhost") || names.contains(host)
      || ListeningSocket.isAddress(host)
  }

  /// RFC 1034 §3.1: case says nothing, and a dot at the end says that the name is complete.
  private static func canonical(_ host: String) -> String {
    let host = host.lowercased()
    return host.hasSuffix(".") ? String(host.dropLast()) : host
  }
}
