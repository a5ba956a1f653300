/// Refuses what a page of another site sends: browsers let any page send forms and plain text anywhere. Only
/// methods that change something are concerned; what `GET` answers such a page can't read.
///
/// A browser says where a request comes from in `Sec-Fetch-Site` (W3C Fetch Metadata) or at least in `Origin`
/// (RFC 6454); other clients send neither.
package struct CrossSiteRequests: Middleware {
  private let origins: Set<String>

  /// - Parameter origins: those whose pages may do it all the same; `CrossOriginSharing` answers them.
  package init(allowing origins: some Sequence<String> = []) {
    self.origins = Set(origins.map { $0.lowercased() })
  }

  private static let safe: Set<HTTPMethod> = [.get, .head, .options, .trace]

  package func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
    guard !Self.safe.contains(request.method), Self.isForeign(request), !isAllowed(request) else {
      return try await next(request)
    }
    // What a page can send without asking first (Fetch §2.2.2).
    let simple: Set = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]
    if let type = MediaType(request.headers[.contentType] ?? ""), simple.contains(type.essence) {
      throw ProblemDocument(
        .unsupportedMediaType, detail: "Content of the type \(type.essence) isn't taken from another site.")
    }
    throw ProblemDocument(
      .foreignOrigin, detail: "Requests of other sites' pages may not change anything here.")
  }

  /// A browser that tells the site tells the origin with it, of whatever isn't safe.
  private func isAllowed(_ request: HTTPRequest) -> Bool {
    request.headers.single(.origin).map { origins.contains($0.lowercased()) } ?? false
  }

  /// Whether a browser says that a page of another origin sends this.
  static func isForeign(_ request: HTTPRequest) -> Bool {
    if let site = request.headers[.secFetchSite]?.lowercased() {
      return site != "same-origin" && site != "none"
    }
    guard let origin = request.headers[.origin]?.lowercased() else { return false }
    guard let authority = request.authority?.lowercased() else { return true }
    return origin != "http://\(authority)" && origin != "https://\(authority)"
  }
}
