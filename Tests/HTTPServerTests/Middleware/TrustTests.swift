import HTTPServer
import Testing

/// Who may send what: hosts, other sites' pages, kinds of content.
@Suite struct TrustTests {
  @Test(
    "Only loopback, addresses in digits and configured names are answered for",
    arguments: [
      ("localhost", true), ("localhost:8080", true), ("LOCALHOST", true), ("localhost.", true),
      ("a.localhost:1", true),
      ("127.0.0.1:8080", true), ("127.8.9.1", true), ("[::1]:8080", true), ("192.168.1.7:80", true),
      ("[2001:db8::1]", true),
      ("emc.example:443", true), ("EMC.Example", true), ("emc.example.", true),
      ("evil.example", false), ("localhost.evil.example", false), ("xlocalhost", false),
      ("127.0.0.1.evil.example", false),
      ("sub.emc.example", false), ("emc.example.evil", false), ("0x7f000001", false), ("127.1.evil", false),
    ])
  func hosts(_ host: String, _ isTrusted: Bool) async throws {
    var memory = InMemory()
    memory.router.use(TrustedHosts(["Emc.example"]))
    let response = try await memory.respond(.get, "/", ["Host": HTTPHeaderValue(host)])
    #expect(response.status.code == (isTrusted ? 200 : 421))
    // The absolute form takes the place of the field.
    let absolute = try await memory.respond(.get, "http://\(host)/", ["Host": "localhost"])
    #expect(absolute.status.code == (isTrusted ? 200 : 421))
  }

  @Test("Without a host, as from HTTP/1.0, there is no name that could mislead")
  func noHost() async throws {
    var memory = InMemory()
    memory.router.use(TrustedHosts())
    #expect(try await memory.respond().status == .ok)
  }

  private struct Case: Sendable {
    let origin: String?
    let site: String?
    let isForeign: Bool
  }

  private static let cases = [
    Case(origin: nil, site: nil, isForeign: false),
    Case(origin: "http://localhost:8080", site: nil, isForeign: false),
    Case(origin: "https://localhost:8080", site: nil, isForeign: false),
    Case(origin: "http://localhost:8080", site: "same-origin", isForeign: false),
    // The page's own word counts more than a host that a proxy may have rewritten.
    Case(origin: "https://emc.example", site: "same-origin", isForeign: false),
    Case(origin: nil, site: "none", isForeign: false),
    Case(origin: "http://localhost:8081", site: nil, isForeign: true),
    Case(origin: "http://evil.example", site: nil, isForeign: true),
    Case(origin: "null", site: nil, isForeign: true),
    Case(origin: "http://localhost:8080", site: "cross-site", isForeign: true),
    Case(origin: nil, site: "same-site", isForeign: true),
    Case(origin: nil, site: "cross-site", isForeign: true),
  ]

  @Test("RFC 6454, Fetch Metadata: other sites' pages change nothing", arguments: cases.indices)
  func origins(_ index: Int) async throws {
    let item = Self.cases[index]
    var headers: HTTPHeaders = ["Host": "localhost:8080"]
    if let origin = item.origin { try headers.set(.origin, text: origin) }
    if let site = item.site { try headers.set(.secFetchSite, text: site) }
    var memory = InMemory(.post) {
      try await HTTPResponse(contentType: "application/json", bytes: $0.collectJSON())
    }
    memory.router.on(.get, "/read") { _ in .text("") }
    memory.router.use(CrossSiteRequests())
    for (type, refused) in [
      (nil, 403), ("application/json", 403), ("application/x-www-form-urlencoded", 415), ("text/plain", 415),
    ] as [(String?, Int)] {
      var headers = headers
      if let type { try headers.set(.contentType, text: type) }
      let status = try await memory.respond(.post, "/", headers, body: "{}").status.code
      let plain = type == "text/plain" ? 415 : 200
      #expect(status == (item.isForeign ? refused : plain), "\(type ?? "none")")
    }
    #expect(try await memory.respond(.get, "/read", headers).status == .ok)
  }

  @Test(
    "RFC 9110 §15.5.16: only JSON is read as JSON",
    arguments: [
      (nil, nil, 200), ("application/json", nil, 200), ("Application/JSON; charset=UTF-8", nil, 200),
      ("application/vnd.emc+json", nil, 200), ("application/x-www-form-urlencoded", nil, 200),
      ("application/json", "identity", 200),
      ("text/plain", nil, 415), ("text/json", nil, 415), ("multipart/form-data; boundary=x", nil, 415),
      ("application/octet-stream", nil, 415),
      ("application/json; charset=latin1", nil, 415), ("json", nil, 415), ("", nil, 415),
      ("application/json, text/plain", nil, 415),
      ("application/json", "gzip", 415), ("application/json", "identity, gzip", 415), (nil, "br", 415),
      ("application/json", "x-unknown", 415),
    ] as [(String?, String?, Int)])
  func mediaTypes(_ type: String?, _ encoding: String?, _ status: Int) async throws {
    let memory = InMemory(.post) {
      try await HTTPResponse(contentType: "application/json", bytes: $0.collectJSON())
    }
    var headers: HTTPHeaders = [:]
    if let type { try headers.set(.contentType, text: type) }
    if let encoding { try headers.set(.contentEncoding, text: encoding) }
    let response = try await memory.respond(.post, "/", headers, body: #"{"a":1}"#)
    #expect(response.status.code == status)
    if status == 200 { #expect(response.text == #"{"a":1}"#) }
    // The answer says what would be taken.
    if encoding != nil, status == 415 { #expect(response.headers[.acceptEncoding] == "identity") }
    if encoding == nil, status == 415 { #expect(response.headers[.accept] == "application/json") }
  }

  @Test("RFC 9110 §15.5.14: content beyond its limit is 413, and beyond what all may fill together 503")
  func sizes() async throws {
    let budget = ByteBudget(150)
    var memory = InMemory(.post) { .text("\(try await $0.collectJSON(upTo: 100).count)") }
    memory.router.on(.post, "/held") { request in
      // As long as a request lives, what it has collected is held.
      _ = try await request.collectJSON()
      let other = HTTPBody(declaredLength: nil, limit: 100, budget: budget, read: Pieces(80).next)
      return .text("\(try await other.collect().count)")
    }
    #expect(try await memory.respond(.post, "/", [:], body: String(repeating: "1", count: 100)).status == .ok)
    #expect(
      try await memory.respond(.post, "/", [:], body: String(repeating: "1", count: 101)).status
        == .contentTooLarge)
    func held(_ count: Int) async throws -> HTTPResponse {
      let body = HTTPBody(declaredLength: count, limit: 200, budget: budget, read: Pieces(count).next)
      return await memory.router.respond(to: try HTTPRequest(method: .post, target: "/held", body: body))
    }
    for _ in 0..<3 {
      #expect(try await held(70).text == "80")
      let refused = try await held(90)
      #expect(refused.status == .serviceUnavailable && refused.headers[.retryAfter] == "1")
    }
  }

  /// Content in pieces of at most 32 bytes.
  private actor Pieces {
    private var left: Int
    init(_ count: Int) { left = count }

    nonisolated var next: @Sendable () async throws -> [UInt8]? { { await self.piece() } }

    private func piece() -> [UInt8]? {
      guard left > 0 else { return nil }
      let count = min(32, left)
      left -= count
      return [UInt8](repeating: 0x31, count: count)
    }
  }
}
