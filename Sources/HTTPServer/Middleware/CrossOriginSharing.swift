/// Lets pages of some other origins use the API (Fetch §3.2, CORS), with a token of their own: cookies are not shared, since
/// the field that would allow them is never sent. Where no origin is configured it changes nothing.
///
/// It stands outside of what makes problem documents, so that a page can read errors too.
package struct CrossOriginSharing: Middleware {
  private let origins: Set<String>

  /// - Parameter origins: as browsers send them, such as `https://grafana.example`.
  package init(_ origins: some Sequence<String> = []) { self.origins = Set(origins.map { $0.lowercased() }) }

  private static let methods: HTTPHeaderValue = "GET, HEAD, POST, PUT, PATCH, DELETE"
  private static let asked: HTTPHeaderValue =
    "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Prefer, X-Request-Id, traceparent"
  private static let exposed: HTTPHeaderValue =
    "ETag, Link, Location, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"

  package func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
    guard !origins.isEmpty else { return try await next(request) }
    guard let origin = request.headers.single(.origin), origins.contains(origin.lowercased()),
      let value = try? HTTPHeaderValue(origin)
    else {
      var response = try await next(request)
      response.headers.add(.vary, "Origin")
      return response
    }
    var response: HTTPResponse
    if request.method == .options, request.headers["Access-Control-Request-Method"] != nil {
      response = HTTPResponse(
        status: .noContent,
        headers: [
          "Access-Control-Allow-Methods": Self.methods, "Access-Control-Allow-Headers": Self.asked,
          "Access-Control-Max-Age": "600",
        ])
    } else {
      response = try await next(request)
      response.headers.set("Access-Control-Expose-Headers", Self.exposed)
    }
    response.headers.set("Access-Control-Allow-Origin", value)
    response.headers.add(.vary, "Origin")
    return response
  }
}
