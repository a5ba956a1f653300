import Capacity
import Foundation
import HTTPServer
import Persistence

/// Finds out who sends a request, by `Authorization: Bearer` (RFC 6750) or by a browser's session, and refuses what they
/// may not do, or not so often.
struct Authentication: Middleware {
  let directory: TokenDirectory
  let policy: AccessPolicy
  private let limiter = RateLimiter()

  init(directory: TokenDirectory, policy: AccessPolicy) {
    self.directory = directory
    self.policy = policy
  }

  func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
    var request = request
    let isPublic = Self.isPublic(request)
    let token: TokenRecord?
    do {
      token = try await self.token(of: &request, isPublic: isPublic)
    } catch let error as DatabaseError where isPublic && error.isOutage {
      // Whether the process lives doesn't depend on who asks.
      return try await next(request)
    } catch let problem as ProblemDocument where isPublic && problem.status == .unauthorized {
      return try await next(request)
    }
    guard let token else {
      if policy.requiresTokens, !isPublic { throw ProblemDocument.unauthenticated() }
      if !policy.requiresTokens {
        request.identity = RequestIdentity(
          name: "", scopes: Set(AccessScope.allCases.map(\.rawValue)), tokenID: nil)
      }
      return try await next(request)
    }
    request.identity = RequestIdentity(name: token.name, scopes: Set(token.scopes), tokenID: token.id)
    if isPublic { return try await next(request) }
    let rate = token.rate ?? policy.rate
    let standing = limiter.take(token.id, rate: rate)
    guard standing.isAllowed else {
      throw ProblemDocument(
        .rateExceeded, detail: "the token \(token.name) may send \(rate) requests a minute",
        headers: Self.headers(standing, rate, retryAfter: true))
    }
    let needed = Self.neededScope(request)
    guard token.scopes.compactMap(AccessScope.init).contains(where: { $0 >= needed }) else {
      throw ProblemDocument.insufficientScope(needed, token)
    }
    var response = try await next(request)
    response.identity = request.identity
    for field in Self.headers(standing, rate, retryAfter: false) {
      response.headers.set(field.name, field.value)
    }
    return response
  }

  /// The token that a request comes with; nil where it comes with none.
  private func token(of request: inout HTTPRequest, isPublic: Bool) async throws -> TokenRecord? {
    if let bearer = try Self.bearer(request.headers) {
      guard
        let token = try await AccessToken(bearer).flatMapAsync({
          try await directory.token(digest: $0.digest)
        })
      else { throw ProblemDocument.invalidToken }
      return token
    }
    guard let cookie = SessionCookie(request.headers) else { return nil }
    guard let token = try await directory.token(sessionDigest: cookie.digest) else {
      // A session that has run out: who needs none goes on without.
      if isPublic || !policy.requiresTokens { return nil }
      throw ProblemDocument.unauthenticated(detail: "the session has ended: log in again")
    }
    request.sessionCookie = cookie.secret
    if !Self.safe.contains(request.method),
      request.route != SessionController.route || request.method != .post,
      !isSameSecret(request.headers.single("X-CSRF-Token") ?? "", cookie.csrf)
    {
      throw ProblemDocument(
        .csrfTokenMissing,
        detail: "a request that changes something and comes with a session needs the field X-CSRF-Token; "
          + "GET /v1/session tells its value")
    }
    return token
  }

  private static let safe: Set<HTTPMethod> = [.get, .head, .options, .trace]

  /// The credentials of `Authorization: Bearer`; nil where the field is missing.
  private static func bearer(_ headers: HTTPHeaders) throws(ProblemDocument) -> String? {
    let values = headers.values(.authorization)
    guard let value = values.first else { return nil }
    let parts = value.split(separator: " ", maxSplits: 1)
    guard values.count == 1, parts.count == 2, parts[0].lowercased() == "bearer" else {
      throw .invalidToken
    }
    return parts[1].trimmingCharacters(in: .whitespaces)
  }

  /// What anybody may ask for: whether the service is well, its contract, its pages, and a session.
  static func isPublic(_ request: HTTPRequest) -> Bool {
    switch request.segments.first {
    case "v1": request.segments == ["v1", "session"]
    case "metrics": false
    default: true
    }
  }

  /// What a token must be for.
  static func neededScope(_ request: HTTPRequest) -> AccessScope {
    if request.segments.count > 1, ["tokens", "webhooks"].contains(request.segments[1]) { return .admin }
    // Asks something with a document, and changes nothing.
    if request.segments == ["v1", "models", "describe"] { return .read }
    return safe.contains(request.method) ? .read : .submit
  }

  /// draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it.
  private static func headers(_ standing: RateLimiter.Standing, _ rate: Int, retryAfter: Bool) -> HTTPHeaders
  {
    var headers = HTTPHeaders()
    let texts: [(HTTPHeaderName, String)] = [
      ("RateLimit-Policy", "\"token\";q=\(rate);w=60"),
      ("RateLimit", "\"token\";r=\(standing.remaining);t=\(standing.seconds)"),
    ]
    for (name, text) in texts { try? headers.add(name, text: text) }
    if retryAfter { try? headers.add(.retryAfter, text: String(standing.seconds)) }
    return headers
  }
}

extension Optional {
  fileprivate func flatMapAsync<T>(_ transform: (Wrapped) async throws -> T?) async rethrows -> T? {
    guard let self else { return nil }
    return try await transform(self)
  }
}

extension ProblemDocument {
  /// 401: no token.
  static func unauthenticated(detail: String? = nil) -> ProblemDocument {
    ProblemDocument(
      .tokenNeeded,
      detail: detail ?? "this needs a token: Authorization: Bearer emc_…; emc tokens create makes one",
      headers: ["WWW-Authenticate": "Bearer realm=\"emc\""])
  }

  /// 401: a token that isn't, or isn't any more. Which of both isn't said.
  static var invalidToken: ProblemDocument {
    ProblemDocument(
      .invalidToken, detail: "the token is unknown, has expired or was revoked",
      headers: ["WWW-Authenticate": "Bearer realm=\"emc\", error=\"invalid_token\""])
  }

  /// 403: a token for less.
  static func insufficientScope(_ needed: AccessScope, _ token: TokenRecord) -> ProblemDocument {
    let challenge = "Bearer realm=\"emc\", error=\"insufficient_scope\", scope=\"\(needed.rawValue)\""
    var headers = HTTPHeaders()
    try? headers.add(.wwwAuthenticate, text: challenge)
    return ProblemDocument(
      .insufficientScope,
      detail: "the token \(token.name) has the scope \(token.scopes.joined(separator: ", ")); this needs "
        + needed.rawValue,
      headers: headers)
  }
}
