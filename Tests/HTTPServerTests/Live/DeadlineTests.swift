import HTTPServer
import Testing

/// Each test has one short deadline, so that a connection that ends can only have met that one. It is long
/// enough for a busy machine where something has to happen before it passes.
@Suite struct DeadlineTests {
  private static func routes(_ router: inout Router) {
    router.on(.get, "/") { _ in .text("hello") }
    router.on(.post, "/echo") { HTTPResponse(contentType: "text/plain", bytes: try await $0.body.collect()) }
  }

  private static func long(_ change: (inout HTTPDeadlines) -> Void) -> HTTPDeadlines {
    var deadlines = HTTPDeadlines()
    deadlines.header = .seconds(60)
    deadlines.body = .seconds(60)
    deadlines.idle = .seconds(60)
    deadlines.write = .seconds(60)
    change(&deadlines)
    return deadlines
  }

  /// A client that is slow on purpose: sends a byte every 20 ms until the server answers or closes; the text
  /// that came back.
  private static func drip(_ text: String, _ client: TestClient) async throws -> String {
    try await withThrowingTaskGroup(of: String?.self) { group in
      group.addTask { try await client.readToEnd() }
      group.addTask {
        for byte in Array(text.utf8) {
          // The server has closed when this fails; what it said is read by the other task.
          guard (try? await client.send([byte])) != nil, !Task.isCancelled else { return nil }
          try? await Task.sleep(for: .milliseconds(20))
        }
        return nil
      }
      defer { group.cancelAll() }
      for try await result in group {
        if let result { return result }
      }
      return ""
    }
  }

  @Test("A header that drips in meets its deadline: 408 and a close")
  func slowHeader() async throws {
    let deadlines = Self.long { $0.header = .seconds(2) }
    try await withServer(deadlines: deadlines, routes: Self.routes) { address in
      let client = try await TestClient(address)
      defer { client.close() }
      let start = ContinuousClock.now
      let endless = "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 1_500)
      let responses = TestResponse.all(in: try await Self.drip(endless, client))
      #expect(responses.map(\.status) == [408])
      #expect(responses.first?["connection"] == "close")
      #expect(ContinuousClock.now - start < .seconds(10))
    }
  }

  @Test("The second request of a connection has the same deadline")
  func slowSecondHeader() async throws {
    let deadlines = Self.long { $0.header = .seconds(2) }
    try await withServer(deadlines: deadlines, routes: Self.routes) { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET")
      let responses = TestResponse.all(in: try await client.readToEnd())
      #expect(responses.map(\.status) == [200, 408])
    }
  }

  @Test("A connection that never sends a byte is closed without a word")
  func silence() async throws {
    let deadlines = Self.long { $0.header = .milliseconds(200) }
    try await withServer(deadlines: deadlines, routes: Self.routes) { address in
      let client = try await TestClient(address)
      defer { client.close() }
      #expect(try await client.readToEnd().isEmpty)
    }
  }

  @Test("A connection kept open without requests is closed without a word")
  func idle() async throws {
    let deadlines = Self.long { $0.idle = .milliseconds(200) }
    try await withServer(deadlines: deadlines, routes: Self.routes) { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(TestResponse.all(in: try await client.readToEnd()).map(\.status) == [200])
    }
  }

  @Test("A body that stops meets its deadline: 408 and a close")
  func stoppedBody() async throws {
    let deadlines = Self.long { $0.body = .milliseconds(300) }
    try await withServer(deadlines: deadlines, routes: Self.routes) { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello")
      let responses = TestResponse.all(in: try await client.readToEnd())
      #expect(responses.map(\.status) == [408])
      #expect(responses.first?["connection"] == "close")
    }
  }

  @Test("A body slower than the slowest rate meets its deadline, though it never stops")
  func slowBody() async throws {
    let deadlines = Self.long {
      $0.body = .milliseconds(300)
      $0.bodyBytesPerSecond = 1_000
    }
    try await withServer(deadlines: deadlines, routes: Self.routes) { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n")
      let body = String(repeating: "a", count: 1_500)
      #expect(TestResponse.all(in: try await Self.drip(body, client)).map(\.status) == [408])
    }
  }

  @Test("A body faster than the slowest rate may take longer than the allowance")
  func steadyBody() async throws {
    let deadlines = Self.long {
      $0.body = .seconds(1)
      $0.bodyBytesPerSecond = 100
    }
    try await withServer(deadlines: deadlines, routes: Self.routes) { address in
      let client = try await TestClient(address)
      defer { client.close() }
      let start = ContinuousClock.now
      try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n")
      for _ in 0..<40 {
        try await client.send(String(repeating: "a", count: 100))
        try await Task.sleep(for: .milliseconds(40))
      }
      #expect(try await client.readResponse().status == 200)
      #expect(ContinuousClock.now - start > .seconds(1))
    }
  }

  @Test("A client that doesn't read its response loses the connection")
  func stalledReader() async throws {
    let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
    let deadlines = Self.long { $0.write = .milliseconds(300) }
    try await withServer(deadlines: deadlines) { router in
      router.on(.get, "/endless") { _ in
        let stream = AsyncThrowingStream<[UInt8], any Error> { [UInt8](repeating: 1, count: 65_536) }
        return HTTPResponse(body: .stream(Watched(stream) { continuation.yield() }))
      }
    } _: { address in
      let client = try await TestClient(address, receiveBufferBytes: 4_096)
      defer { client.close() }
      try await client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
      // The stream is given up by the server, while the client holds its end open and reads nothing.
      try await within(.seconds(20)) {
        var events = ended.makeAsyncIterator()
        await events.next()
      }
    }
  }
}
