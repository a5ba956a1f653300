import Capacity
import Datasets
import Foundation
import HTTPServer
import Logging
import Persistence
import Service
import Synchronization
import Testing

/// Who may do what, how often, and that no token is shown to anybody but its owner.
@Suite struct TokenTests {
  private static let job =
    #"{"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"}}"#

  /// A service that needs tokens, on a database of its own.
  private func withGuardedService<T: Sendable>(
    rate: Int = 6_000, logger: Logger = quiet, _ body: (Guarded) async throws -> T
  ) async throws -> T {
    try await withDatabase { database in
      try await body(
        Guarded(
          router: .api(
            database: database, datasets: DatasetLibrary(directory: FileManager.default.temporaryDirectory),
            access: AccessPolicy(requiresTokens: true, rate: rate), logger: logger),
          store: TokenStore(database: database), database: database))
    }
  }

  private struct Guarded {
    let router: Router
    let store: TokenStore
    let database: Database

    func token(
      _ scopes: [String], rate: Int? = nil, quota: Int? = nil, expiresAt: Date? = nil
    ) async throws -> (text: String, id: UUID) {
      let token = AccessToken()
      let record = try await store.create(
        NewToken(
          name: scopes.joined(separator: "-"), scopes: scopes, rate: rate, queueQuota: quota,
          expiresAt: expiresAt), digest: token.digest)
      return (token.text, record.id)
    }

    func send(
      _ method: HTTPMethod, _ target: String, _ body: String = "", token: String? = nil,
      headers: HTTPHeaders = [:]
    ) async throws -> (HTTPResponse, JSONValue) {
      var headers = headers
      if let token { try headers.set(.authorization, text: "Bearer \(token)") }
      let response = await router.respond(
        to: try HTTPRequest(
          method: method, target: target, headers: headers, body: HTTPBody(Array(body.utf8))))
      guard case .bytes(let bytes) = response.body, !bytes.isEmpty else { return (response, .null) }
      return (response, (try? JSONValue(parsing: bytes)) ?? .null)
    }
  }

  @Test func scopesSayWhatATokenMayDo() async throws {
    try await withGuardedService { service in
      let tokens = [
        ("read", try await service.token(["read"]).text),
        ("submit", try await service.token(["submit"]).text),
        ("admin", try await service.token(["admin"]).text),
      ]
      let requests: [(HTTPMethod, String, String, Set<String>)] = [
        (.get, "/v1/jobs", "", ["read", "submit", "admin"]),
        (.get, "/v1/models", "", ["read", "submit", "admin"]),
        (.post, "/v1/models/describe", Self.job, ["read", "submit", "admin"]),
        (.post, "/v1/jobs", Self.job, ["submit", "admin"]),
        (.get, "/v1/tokens", "", ["admin"]),
        (.post, "/v1/tokens", #"{"name": "n", "scopes": ["read"]}"#, ["admin"]),
      ]
      for (method, target, body, allowed) in requests {
        for (name, token) in tokens {
          let (response, problem) = try await service.send(method, target, body, token: token)
          if allowed.contains(name) {
            #expect(200...299 ~= response.status.code, "\(method) \(target) \(name)")
          } else {
            #expect(response.status == .forbidden, "\(method) \(target) \(name)")
            #expect(problem["type"] == .string("urn:emc:problem:insufficient-scope"))
            #expect(response.headers[.wwwAuthenticate]?.contains("insufficient_scope") == true)
          }
        }
        let (response, problem) = try await service.send(method, target, body)
        #expect(response.status == .unauthorized, "\(target)")
        #expect(problem["type"] == .string("urn:emc:problem:token-needed"))
        #expect(response.headers[.wwwAuthenticate] == "Bearer realm=\"emc\"")
      }
    }
  }

  @Test func whatTellsWhetherTheServiceIsWellNeedsNone() async throws {
    try await withGuardedService { service in
      for target in ["/livez", "/readyz", "/openapi.yaml", "/v1/session"] {
        #expect(try await service.send(.get, target).0.status == .ok, "\(target)")
        #expect(try await service.send(.get, target, token: "emc_nonsense").0.status == .ok, "\(target)")
      }
      #expect(try await service.send(.get, "/metrics").0.status == .unauthorized)
      #expect(try await service.send(.get, "/v1/nothing").0.status == .unauthorized)
      let session = try await service.send(.get, "/v1/session").1
      #expect(
        session == .object(["required": .bool(true), "scopes": .array([]), "csrf": .null]))
    }
  }

  /// Whoever sends a key that another token has used gets a job of its own, and nothing of the other's.
  @Test func eachTokenHasItsOwnIdempotencyKeys() async throws {
    try await withGuardedService { service in
      let first = try await service.token(["submit"]).text
      let second = try await service.token(["submit"]).text
      var headers = HTTPHeaders()
      try headers.set(.idempotencyKey, text: "one")
      func submit(_ body: String, _ token: String) async throws -> (HTTPResponse, JSONValue) {
        try await service.send(.post, "/v1/jobs", body, token: token, headers: headers)
      }
      let (accepted, job) = try await submit(Self.job, first)
      #expect(accepted.status == .accepted)
      let (others, other) = try await submit(Self.job, second)
      #expect(others.status == .accepted && other["id"] != job["id"])
      #expect(try await submit(Self.job, first).1["id"] == job["id"])
      #expect(try await submit(Self.job, second).1["id"] == other["id"])
      // What another has sent under the key isn't told either.
      let third = try await service.token(["submit"]).text
      let different = Self.job.replacing("3", with: "4")
      #expect(try await submit(different, third).0.status == .accepted)
    }
  }

  @Test func tokensEnd() async throws {
    try await withGuardedService { service in
      let admin = try await service.token(["admin"]).text
      let (created, made) = try await service.send(
        .post, "/v1/tokens", #"{"name": "ci", "scopes": ["read"], "expires_at": "2999-01-01T00:00:00.000Z"}"#,
        token: admin)
      #expect(created.status == .created)
      #expect(created.headers[.cacheControl] == "no-store")
      let text = try #require(made["token"]?.stringValue)
      let id = try #require(made["id"]?.stringValue)
      #expect(created.headers[.location] == "/v1/tokens/\(id)")
      #expect(try await service.send(.get, "/v1/jobs", token: text).0.status == .ok)
      let used = try await usedToken(id, service, admin)
      #expect(used["token"] == nil && used["digest"] == nil)
      #expect(used["expires_at"] == .string("2999-01-01T00:00:00.000Z"))
      #expect(try await service.send(.delete, "/v1/tokens/\(id)", token: admin).0.status == .noContent)
      let (refused, problem) = try await service.send(.get, "/v1/jobs", token: text)
      #expect(refused.status == .unauthorized)
      #expect(problem["type"] == .string("urn:emc:problem:invalid-token"))
      #expect(try await service.send(.delete, "/v1/tokens/\(id)", token: admin).0.status == .notFound)

      let past = try await service.token(["read"], expiresAt: Date(timeIntervalSinceNow: -1)).text
      #expect(try await service.send(.get, "/v1/jobs", token: past).0.status == .unauthorized)
      for wrong in ["", "emc_", AccessToken().text, text.dropLast() + "A", admin + "A", admin.lowercased()] {
        #expect(
          try await service.send(.get, "/v1/jobs", token: String(wrong)).0.status == .unauthorized, "\(wrong)"
        )
      }
      let basic = try await service.send(.get, "/v1/jobs", headers: ["Authorization": "Basic ZW1jOmVtYw=="]).0
      #expect(basic.status == .unauthorized)
    }
  }

  /// The token as it is listed once it has been used.
  private func usedToken(_ id: String, _ service: Guarded, _ admin: String) async throws -> JSONValue {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      let list = try await service.send(.get, "/v1/tokens", token: admin).1
      for item in list["items"]?.arrayValue ?? []
      where item["id"] == .string(id) && item["last_used_at"] != .null {
        return item
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw TimedOut(what: "a time of last use")
  }

  @Test func whatIsAskedOfANewTokenIsChecked() async throws {
    try await withGuardedService { service in
      let admin = try await service.token(["admin"]).text
      let (response, problem) = try await service.send(
        .post, "/v1/tokens",
        #"{"name": "", "scopes": ["write"], "rate": 0, "queue_quota": 1.5, "expires_at": "2001-01-01T00:00:00Z", "x": 1}"#,
        token: admin)
      #expect(response.status == .unprocessableContent)
      let pointers = (problem["errors"]?.arrayValue ?? []).compactMap { $0["pointer"]?.stringValue }
      #expect(Set(pointers) == ["/name", "/scopes", "/rate", "/queue_quota", "/expires_at", "/x"])
    }
  }

  @Test func aTokenHasItsRate() async throws {
    try await withGuardedService { service in
      let token = try await service.token(["read"], rate: 3).text
      var remaining: [String] = []
      for _ in 0..<3 {
        let response = try await service.send(.get, "/v1/models", token: token).0
        #expect(response.status == .ok)
        #expect(response.headers["RateLimit-Policy"] == "\"token\";q=3;w=60")
        remaining.append(try #require(response.headers["RateLimit"]?.firstMatch(of: /r=(\d+)/)).1.description)
      }
      #expect(remaining == ["2", "1", "0"])
      let (refused, problem) = try await service.send(.get, "/v1/models", token: token)
      #expect(refused.status == .tooManyRequests)
      #expect(problem["type"] == .string("urn:emc:problem:rate-exceeded"))
      let wait = try #require(refused.headers[.retryAfter].flatMap { Int($0) })
      #expect(1...20 ~= wait)
      // Another token has its own.
      let other = try await service.token(["read"]).text
      #expect(try await service.send(.get, "/v1/models", token: other).0.status == .ok)
    }
  }

  /// A minute's worth at once, then one every so often.
  @Test func theBucketFillsEvenly() {
    let limiter = RateLimiter()
    let (id, start) = (UUID(), ContinuousClock.now)
    for _ in 0..<60 { #expect(limiter.take(id, rate: 60, at: start).isAllowed) }
    #expect(!limiter.take(id, rate: 60, at: start).isAllowed)
    #expect(!limiter.take(id, rate: 60, at: start + .milliseconds(900)).isAllowed)
    #expect(limiter.take(id, rate: 60, at: start + .milliseconds(1_001)).isAllowed)
    #expect(!limiter.take(id, rate: 60, at: start + .milliseconds(1_500)).isAllowed)
    #expect(limiter.take(id, rate: 60, at: start + .seconds(1_000)).remaining == 59)
  }

  @Test func aTokenHasItsPlaceInTheQueue() async throws {
    try await withGuardedService { service in
      let token = try await service.token(["submit"], quota: 2).text
      var ids: [String] = []
      for seed in 1...2 {
        let (response, job) = try await service.send(
          .post, "/v1/jobs", Self.job.replacing(#"{"dataset"#, with: #"{"seed": \#(seed), "dataset"#),
          token: token)
        #expect(response.status == .accepted)
        ids.append(try #require(job["id"]?.stringValue))
      }
      let (refused, problem) = try await service.send(.post, "/v1/jobs", Self.job, token: token)
      #expect(refused.status == .tooManyRequests)
      #expect(problem["type"] == .string("urn:emc:problem:queue-quota-exceeded"))
      #expect(refused.headers[.retryAfter] != nil)
      #expect(try await service.send(.get, "/v1/jobs", token: token).1["items"]?.arrayValue?.count == 2)
      _ = try await service.send(.post, "/v1/jobs/\(ids[0])/cancel", token: token)
      #expect(try await service.send(.post, "/v1/jobs", Self.job, token: token).0.status == .accepted)
    }
  }

  /// Ten jobs are ten jobs, also where they are a study's or a list's.
  @Test func theQuotaHoldsForStudiesAndLists() async throws {
    try await withGuardedService { service in
      let token = try await service.token(["read", "submit"], quota: 3).text
      let study = { (seeds: String) in
        #"{"base": \#(Self.job), "axes": [{"pointer": "/seed", "values": [\#(seeds)]}]}"#
      }
      let (refused, problem) = try await service.send(
        .post, "/v1/studies", study("1, 2, 3, 4"), token: token)
      #expect(refused.status == .tooManyRequests)
      #expect(problem["type"] == .string("urn:emc:problem:queue-quota-exceeded"))
      #expect(try await service.send(.get, "/v1/jobs", token: token).1["items"]?.arrayValue?.isEmpty == true)
      #expect(
        try await service.send(.get, "/v1/studies", token: token).1["items"]?.arrayValue?.isEmpty == true)
      let (taken, json) = try await service.send(.post, "/v1/studies", study("1, 2"), token: token)
      #expect(taken.status == .accepted)
      let id = try #require(json["id"]?.stringValue)
      let more = #"{"axes": [{"pointer": "/seed", "values": [3, 4]}]}"#
      #expect(
        try await service.send(.post, "/v1/studies/\(id)/extend", more, token: token).0.status
          == .tooManyRequests)
      #expect(
        try await service.send(.post, "/v1/jobs", "[\(Self.job), \(Self.job)]", token: token).0.status
          == .tooManyRequests)
      #expect(try await service.send(.post, "/v1/jobs", "[\(Self.job)]", token: token).0.status == .accepted)
    }
  }

  /// Of many submissions at once no more are taken than there is room for.
  @Test func theQuotaHoldsAgainstARace() async throws {
    try await withGuardedService { service in
      let token = try await service.token(["submit"], quota: 3).text
      let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<12 {
          group.addTask {
            try await service.send(.post, "/v1/jobs", Self.job, token: token).0.status == .accepted
          }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(accepted == 3)
    }
  }

  @Test func aBrowserHasASession() async throws {
    try await withGuardedService { service in
      let token = try await service.token(["submit"])
      #expect(
        try await service.send(.post, "/v1/session", #"{"token": "\#(AccessToken().text)"}"#).0.status
          == .unauthorized)
      let (begun, _) = try await service.send(.post, "/v1/session", #"{"token": "\#(token.text)"}"#)
      #expect(begun.status == .noContent)
      let field = try #require(begun.headers["Set-Cookie"])
      #expect(field.hasPrefix("emc_session=") && !field.contains(token.text) && !field.contains("Secure"))
      for part in ["HttpOnly", "SameSite=Strict", "Path=/"] { #expect(field.contains(part)) }
      let cookie = try HTTPHeaderValue("a=b; " + field.prefix { $0 != ";" })

      let session = try await service.send(.get, "/v1/session", headers: ["Cookie": cookie]).1
      #expect(session["scopes"] == .array([.string("read"), .string("submit")]))
      let csrf = try HTTPHeaderValue(try #require(session["csrf"]?.stringValue))
      #expect(try await service.send(.get, "/v1/jobs", headers: ["Cookie": cookie]).0.status == .ok)
      // A page of another site can send the cookie at most, never the field.
      for headers: HTTPHeaders in [["Cookie": cookie], ["Cookie": cookie, "X-CSRF-Token": cookie]] {
        let (refused, problem) = try await service.send(.post, "/v1/jobs", Self.job, headers: headers)
        #expect(refused.status == .forbidden)
        #expect(problem["type"] == .string("urn:emc:problem:csrf-token-missing"))
      }
      let both: HTTPHeaders = ["Cookie": cookie, "X-CSRF-Token": csrf]
      #expect(try await service.send(.post, "/v1/jobs", Self.job, headers: both).0.status == .accepted)
      #expect(
        try await service.send(.delete, "/v1/session", headers: ["Cookie": cookie]).0.status == .forbidden)
      let ended = try await service.send(.delete, "/v1/session", headers: both).0
      #expect(ended.status == .noContent)
      #expect(ended.headers["Set-Cookie"]?.contains("Max-Age=0") == true)
      #expect(try await service.send(.get, "/v1/jobs", headers: ["Cookie": cookie]).0.status == .unauthorized)

      // Behind a proxy that speaks TLS the browser is told to keep it to that.
      let secure = try await service.send(
        .post, "/v1/session", #"{"token": "\#(token.text)"}"#, headers: ["X-Forwarded-Proto": "https"]
      ).0
      let second = try #require(secure.headers["Set-Cookie"])
      #expect(second.hasSuffix("; Secure"))
      // What ends the token ends its sessions.
      let admin = try await service.token(["admin"]).text
      let id = token.id.uuidString.lowercased()
      #expect(try await service.send(.delete, "/v1/tokens/\(id)", token: admin).0.status == .noContent)
      let other = try HTTPHeaderValue(String(second.prefix { $0 != ";" }))
      #expect(try await service.send(.get, "/v1/jobs", headers: ["Cookie": other]).0.status == .unauthorized)
    }
  }

  /// Whatever a client does with its token, it stands in no log and in no answer but the one that made it, and the database
  /// has neither it nor the cookie.
  @Test func noTokenIsShown() async throws {
    let recorder = LineRecorder()
    var logger = Logger(label: "test") { _ in recorder }
    logger.logLevel = .trace
    try await withGuardedService(logger: logger) { service in
      let token = try await service.token(["admin"]).text
      for (method, target, body) in [
        (HTTPMethod.get, "/v1/jobs?access_token=\(token)", ""), (.get, "/v1/jobs/\(token)", ""),
        (.get, "/v1/datasets/\(token)", ""), (.delete, "/v1/tokens/\(token)", ""),
        (.post, "/v1/session", #"{"token": 1, "tokn": "\#(token)"}"#),
        (.post, "/v1/jobs", #"{"dataset": {"name": "\#(token)"}, "model": {"kind": "\#(token)"}}"#),
      ] {
        let request = try HTTPRequest(
          method: method, target: target, headers: ["Authorization": HTTPHeaderValue("Bearer \(token)")],
          body: HTTPBody(Array(body.utf8)))
        let response = await service.router.respond(to: request)
        guard case .bytes(let bytes) = response.body else { continue }
        #expect(!String(decoding: bytes, as: UTF8.self).contains(token), "\(target)")
        #expect(response.status.code >= 400)
      }
      #expect(!recorder.text.contains(token))
      let begun = try await service.send(.post, "/v1/session", #"{"token": "\#(token)"}"#).0
      let secret = try #require(begun.headers["Set-Cookie"]?.firstMatch(of: /emc_session=([0-9a-f]+)/)).1
      let rows = try await service.database.query(
        Statement(
          "see",
          "SELECT (SELECT string_agg(tokens::text, '') FROM tokens) || (SELECT string_agg(sessions::text, '') FROM sessions) AS text"
        )
      ) { try $0.value("text", as: String.self) }
      #expect(!rows[0].contains(token.dropFirst(4)) && !rows[0].contains(secret))
    }
  }

  @Test func tokensAreReadOneWay() {
    let token = AccessToken()
    #expect(AccessToken(token.text)?.digest == token.digest)
    #expect(token.text.utf8.count == 47 && Secrets.redacted(token.text) == "emc_…")
    #expect(Set((0..<100).map { _ in AccessToken().digest }).count == 100)
    // SHA-256 of 32 zero bytes.
    #expect(
      AccessToken("emc_" + String(repeating: "A", count: 43))?.digest
        == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925")
    #expect(AccessToken("emc_" + String(repeating: "A", count: 42) + "B") == nil)
  }

  /// On loopback nobody needs one; who has one is held to it.
  @Test func withoutNeedATokenStillLimits() async throws {
    try await withDatabase { database in
      let service = Guarded(
        router: .api(
          database: database, datasets: DatasetLibrary(directory: FileManager.default.temporaryDirectory),
          logger: quiet), store: TokenStore(database: database), database: database)
      let token = try await service.token(["read"]).text
      #expect(try await service.send(.post, "/v1/jobs", Self.job).0.status == .accepted)
      #expect(try await service.send(.get, "/v1/tokens").0.status == .ok)
      #expect(try await service.send(.post, "/v1/jobs", Self.job, token: token).0.status == .forbidden)
      #expect(try await service.send(.get, "/v1/jobs", token: AccessToken().text).0.status == .unauthorized)
      let session = try await service.send(.get, "/v1/session").1
      #expect(session["required"] == .bool(false) && session["scopes"]?.arrayValue?.count == 3)
    }
  }
}

/// Keeps every line of a log.
private final class LineRecorder: LogHandler {
  private let lines = Mutex<[String]>([])

  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  var logLevel: Logger.Level {
    get { .trace }
    set {}
  }
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  var text: String { lines.withLock { $0.joined(separator: "\n") } }

  func log(event: LogEvent) {
    lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
  }
}
