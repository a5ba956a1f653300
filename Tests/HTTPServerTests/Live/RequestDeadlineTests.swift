import HTTPServer
import Testing

@Suite struct RequestDeadlineTests {
  private static func deadlines(_ request: Duration) -> HTTPDeadlines {
    var deadlines = HTTPDeadlines()
    deadlines.request = request
    return deadlines
  }

  @Test("A handler that is late is called off, and the client is told 503 and to come back")
  func late() async throws {
    let (cancelled, cancel) = AsyncStream.makeStream(of: Void.self)
    try await withServer(deadlines: Self.deadlines(.milliseconds(200))) { router in
      router.on(.get, "/late") { _ in
        do { try await Task.sleep(for: .seconds(600)) } catch { cancel.yield() }
        return .text("too late")
      }
    } _: { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n")
      let responses = TestResponse.all(in: try await client.readToEnd())
      #expect(responses.map(\.status) == [503])
      #expect(responses.first?["connection"] == "close" && responses.first?["retry-after"] == "5")
      #expect(responses.first?.content.contains("urn:emc:problem:deadline-exceeded") == true)
      var events = cancelled.makeAsyncIterator()
      await events.next()
    }
  }

  @Test("One that doesn't notice its cancellation isn't waited for")
  func deaf() async throws {
    let (gate, open) = AsyncStream.makeStream(of: Void.self)
    try await withServer(deadlines: Self.deadlines(.milliseconds(200))) { router in
      router.on(.get, "/deaf") { _ in
        // A detached task knows nothing of its waiter's cancellation.
        await Task.detached {
          var opened = gate.makeAsyncIterator()
          await opened.next()
        }.value
        return .text("too late")
      }
    } _: { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send("GET /deaf HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(TestResponse.all(in: try await client.readToEnd()).map(\.status) == [503])
      open.yield()
    }
  }

  @Test("A route's own deadline takes the place of the server's; content that arrives begins it anew")
  func own() async throws {
    try await withServer(deadlines: Self.deadlines(.milliseconds(400))) { router in
      router.on(.get, "/slow", deadline: .seconds(600)) { _ in
        try await Task.sleep(for: .milliseconds(900))
        return .text("in time")
      }
      router.on(.post, "/upload") { .text("\(try await $0.body.collect().count)") }
    } _: { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await client.readResponse().content == "in time")
      // Longer than the deadline in all, but never without news. A busy machine may pause longer than that;
      // then the answer is the deadline's.
      try await client.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n")
      var pause = Duration.zero
      for _ in 0..<40 {
        let start = ContinuousClock.now
        try await client.send("x")
        try await Task.sleep(for: .milliseconds(20))
        pause = max(pause, ContinuousClock.now - start)
      }
      let status = try await client.readResponse().status
      #expect(status == 200 || pause > .milliseconds(200))
    }
  }
}
