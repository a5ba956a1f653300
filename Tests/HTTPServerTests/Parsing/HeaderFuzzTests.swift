import HTTPServer
import Testing

/// Fields that middleware reads, mutated at random, the same ones in every run: whatever stands in them, there
/// is an answer, its status is one of the few that are meant, and its header is one.
@Suite struct HeaderFuzzTests {
  private static let seeds: [(HTTPHeaderName, [String])] = [
    (.acceptEncoding, ["gzip;q=0.5, *;q=0", "identity, gzip;q=1.000, br", "gzip"]),
    (.accept, ["text/csv;q=0.5, application/*, */*;q=0.1"]),
    (.range, ["bytes=0-499", "bytes=-5", "bytes=9-", "bytes=0-0,-1", "bytes=2000-", "bytes=-0"]),
    (.ifRange, ["\"v1\"", "W/\"v1\"", "Sun, 06 Nov 1994 08:49:37 GMT"]),
    (.ifNoneMatch, ["\"v1\", W/\"v1-gzip\"", "*", "\"a,b\""]),
    (.host, ["localhost:8080", "[::1]:80", "127.0.0.1", "emc.example."]),
    (.origin, ["http://localhost:8080", "null"]), (.secFetchSite, ["same-origin", "cross-site"]),
    (
      .contentType,
      ["application/json; charset=utf-8", "application/x-www-form-urlencoded", "a/b; c=\"d\\\"e\""]
    ),
    (.contentEncoding, ["gzip", "identity, br"]), (.prefer, ["respond-async, wait=10; a=b"]),
    (.requestID, ["2f1c-77"]), (.traceParent, ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]),
    (.lastEventID, ["v17"]),
  ]

  private func mutated(_ text: String, _ random: inout SeededGenerator) -> String {
    var bytes = Array(text.utf8)
    let alphabet = Array("\"\\,;=*/-. q01:[]%\tWbgz\u{E9}".utf8)
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let start = Int.random(in: 0...bytes.count, using: &random)
      let end = min(bytes.count, start + Int.random(in: 0...3, using: &random))
      let insertion = (0..<Int.random(in: 0...3, using: &random)).map { _ in
        alphabet.randomElement(using: &random)!
      }
      bytes.replaceSubrange(start..<end, with: insertion)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("Fields at random", arguments: 0..<4)
  func fields(_ seed: Int) async throws {
    var random = SeededGenerator(seed: UInt64(700 + seed))
    let content = [UInt8](repeating: 0x61, count: 2_000)
    var router = Router(logger: silent)
    router.use(TrustedHosts(["emc.example"]))
    router.use(CrossSiteRequests())
    router.on(.get, "/") { request in
      _ = (
        try request.waitPreference(), request.preferredMediaType(of: ["text/csv", "application/json"]),
        request.lastEventID
      )
      return HTTPResponse(
        headers: ["Content-Type": "text/csv", "ETag": "\"v1\"", "Accept-Ranges": "bytes"],
        body: .bytes(content))
    }
    router.on(.post, "/") { .text("\(try await $0.collectJSON().count)") }
    var statuses: Set<Int> = []
    for _ in 0..<2_000 {
      var headers: HTTPHeaders = [:]
      for (name, values) in Self.seeds where Int.random(in: 0..<3, using: &random) == 0 {
        let value = mutated(values.randomElement(using: &random)!, &random)
        if let value = try? HTTPHeaderValue(value) { headers.add(name, value) }
      }
      let method: HTTPMethod = Bool.random(using: &random) ? .get : .post
      let request = try HTTPRequest(
        method: method, target: "/", headers: headers, body: HTTPBody([0x7B, 0x7D]))
      let response = await router.respond(to: request)
      statuses.insert(response.status.code)
      for field in response.headers {
        #expect(field.value.text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "\(field)")
      }
      if response.status.code == 206 {
        #expect(response.content.count < content.count || headers[.range] != nil)
        #expect(response.headers[.contentRange] != nil && response.headers[.contentEncoding] == nil)
      }
    }
    #expect(statuses == [200, 206, 304, 403, 415, 416, 421])
  }
}
