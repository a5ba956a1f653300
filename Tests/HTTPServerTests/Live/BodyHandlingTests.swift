import HTTPServer
import Testing

@Suite struct BodyHandlingTests {
  private static func routes(_ router: inout Router) {
    router.on(.post, "/echo") { HTTPResponse(contentType: "text/plain", bytes: try await $0.body.collect()) }
    router.on(.post, "/small") {
      HTTPResponse(contentType: "text/plain", bytes: try await $0.body.collect(upTo: 4))
    }
    router.on(.post, "/ignore") { _ in .text("ignored") }
    router.on(.post, "/first") { request in
      for try await piece in request.body { return .text("\(piece.count > 0)") }
      return .text("none")
    }
    router.on(.get, "/next") { _ in .text("next") }
  }

  private static let next = "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

  private func exchange(_ text: String, limits: HTTPLimits = HTTPLimits()) async throws -> [TestResponse] {
    try await withServer(limits: limits, routes: Self.routes) { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send(text)
      return TestResponse.all(in: try await client.readToEnd())
    }
  }

  @Test("A request that arrives byte by byte is answered like any other")
  func byteByByte() async throws {
    try await withServer(routes: Self.routes) { address in
      let client = try await TestClient(address)
      defer { client.close() }
      let chunked =
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
      let length = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz"
      for byte in Array((chunked + length + Self.next).utf8) { try await client.send([byte]) }
      let responses = TestResponse.all(in: try await client.readToEnd())
      #expect(responses.map(\.content) == ["abcde", "xyz", "next"])
    }
  }

  @Test("A body that its handler leaves unread is skipped, and the next request is served")
  func skipped() async throws {
    let body = String(repeating: "b", count: 60_000)
    let length = try await exchange(
      "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n\(body)" + Self.next)
    #expect(length.map(\.content) == ["ignored", "next"])
    let chunked = try await exchange(
      "POST /ignore HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n" + Self.next
    )
    #expect(chunked.map(\.content) == ["ignored", "next"])
    let partly = try await exchange(
      "POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n\(body)" + Self.next)
    #expect(partly.map(\.content) == ["true", "next"])
  }

  @Test("An unread body too large to skip ends the connection, and says so")
  func tooLargeToSkip() async throws {
    var limits = HTTPLimits()
    limits.skippedBytes = 1_000
    let body = String(repeating: "b", count: 2_000)
    let responses = try await exchange(
      "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n\(body)" + Self.next, limits: limits)
    #expect(responses.map(\.content) == ["ignored"])
    #expect(responses.first?["connection"] == "close")
  }

  @Test("RFC 9110 §15.5.14: a body over its handler's limit", arguments: [true, false])
  func tooLarge(isChunked: Bool) async throws {
    let framed =
      isChunked
      ? "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" : "Content-Length: 5\r\n\r\nhello"
    let responses = try await exchange("POST /small HTTP/1.1\r\nHost: a\r\n\(framed)" + Self.next)
    #expect(responses.first?.status == 413)
  }

  @Test("RFC 9110 §15.5.14: lengths beyond the server's limit, and beyond any number")
  func hugeLengths() async throws {
    for length in ["1048577", "9223372036854775807", "99999999999999999999999999"] {
      let responses = try await exchange(
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\nhello" + Self.next)
      #expect(responses.map(\.status) == [413])
      #expect(responses.first?["connection"] == "close")
    }
  }

  @Test("RFC 9110 §10.1.1: 100 Continue is sent when the handler reads")
  func expectContinue() async throws {
    try await withServer(routes: Self.routes) { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n")
      let interim = try await client.read { $0.contains("\r\n\r\n") }
      #expect(interim == "HTTP/1.1 100 Continue\r\n\r\n")
      try await client.send("hello")
      let response = try await client.readResponse()
      #expect((response.status, response.content) == (200, "hello"))
      #expect(response["connection"] == nil)
    }
  }

  @Test("RFC 9110 §10.1.1: a final status in place of 100 Continue, and the connection ends")
  func refusedExpectation() async throws {
    for path in ["/small", "/ignore"] {
      let responses = try await exchange(
        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\nExpect: 100-continue\r\n\r\n")
      #expect(responses.map(\.status) == [path == "/small" ? 413 : 200])
      #expect(responses.first?["connection"] == "close")
    }
  }

  @Test("A body kept beyond the response can't be read any more")
  func detached() async throws {
    let (stream, continuation) = AsyncStream.makeStream(of: HTTPBody.self)
    try await withServer { router in
      router.on(.post, "/keep") { request in
        continuation.yield(request.body)
        return .text("kept")
      }
    } _: { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send("POST /keep HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
      #expect(try await client.readResponse().content == "kept")
      var bodies = stream.makeAsyncIterator()
      let body = try #require(await bodies.next())
      await #expect(throws: HTTPBodyError.detached) { try await body.collect() }
    }
  }

  @Test(
    "A task that reads on after its handler has returned ends with the connection; others are not disturbed")
  func leakedReader() async throws {
    let (stream, continuation) = AsyncStream.makeStream(of: Result<[UInt8], any Error>.self)
    var deadlines = HTTPDeadlines()
    deadlines.linger = .milliseconds(20)
    try await withServer(deadlines: deadlines) { router in
      router.on(.post, "/leak") { request in
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        Task {
          var pieces = request.body.makeAsyncIterator()
          _ = try await pieces.next()
          start.yield()
          do { continuation.yield(.success(try await pieces.next() ?? [])) } catch {
            continuation.yield(.failure(error))
          }
        }
        var starts = started.makeAsyncIterator()
        await starts.next()
        return .text("gone")
      }
    } _: { address in
      var results = stream.makeAsyncIterator()
      for _ in 0..<20 {
        let client = try await TestClient(address)
        try await client.send("POST /leak HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello")
        let responses = TestResponse.all(in: try await client.readToEnd())
        #expect(responses.map(\.content) == ["gone"])
        #expect(responses.first?["connection"] == "close")
        let result = await results.next()
        #expect(throws: HTTPBodyError.self) { try result?.get() }
        client.close()
      }
    }
  }
}
