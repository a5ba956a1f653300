import Capacity
import HTTPServer
import Persistence

/// A browser's session: begun with a token, which the page forgets then.
struct SessionController: Sendable {
  let directory: TokenDirectory
  let policy: AccessPolicy

  static let route = "/v1/session"

  func register(on router: inout Router) {
    router.on(.post, Self.route, parameters: []) { try await begin($0) }
    router.on(.get, Self.route, parameters: []) { describe($0) }
    router.on(.delete, Self.route, parameters: []) { try await end($0) }
  }

  private func begin(_ request: HTTPRequest) async throws -> HTTPResponse {
    let body = try await request.collectJSON(upTo: 4_096)
    let faults = FaultCollector()
    let reader = ObjectReader(try JSONValue(parsing: body), at: "", faults: faults)
    let text = reader.string("token", allowed: "a token") { _ in true } ?? ""
    reader.finish()
    try faults.throwIfAny()
    guard let token = AccessToken(text), let record = try await directory.token(digest: token.digest) else {
      throw ProblemDocument.invalidToken
    }
    let cookie = SessionCookie()
    try await directory.store.beginSession(
      digest: cookie.digest, token: record.id, lifetime: SessionCookie.lifetime)
    var response = HTTPResponse(status: .noContent, headers: ["Cache-Control": "no-store"])
    try response.headers.set("Set-Cookie", text: cookie.field(isSecure: isSecure(request)))
    return response
  }

  /// Whether tokens are needed, what the caller may do, and what a page of this site must send with what it changes.
  private func describe(_ request: HTTPRequest) -> HTTPResponse {
    let scopes = AccessScope.allCases.filter { scope in
      request.identity.scopes.compactMap(AccessScope.init).contains { $0 >= scope }
    }
    let csrf = request.sessionCookie.map { SessionCookie(secret: $0).csrf }
    var response = HTTPResponse.json(
      .object([
        "required": .bool(policy.requiresTokens),
        "scopes": .array(scopes.map { .string($0.rawValue) }),
        "csrf": csrf.map(JSONValue.string) ?? .null,
      ]))
    response.headers.set(.cacheControl, "no-store")
    return response
  }

  private func end(_ request: HTTPRequest) async throws -> HTTPResponse {
    if let secret = request.sessionCookie {
      try await directory.store.endSession(digest: SessionCookie(secret: secret).digest)
      directory.forget()
    }
    var response = HTTPResponse(status: .noContent)
    try response.headers.set(
      "Set-Cookie", text: SessionCookie(secret: "").field(isSecure: isSecure(request), lifetime: .zero))
    return response
  }

  /// Whether the browser reached the proxy over TLS. Who forges it only keeps its own cookie from itself.
  private func isSecure(_ request: HTTPRequest) -> Bool {
    request.headers.single("X-Forwarded-Proto")?.lowercased() == "https"
  }
}
