import HTTPServer
import Testing

@Suite struct AccessLogTests {
  @Test("Every request is a line at level debug, with its target as it was written; refusals too")
  func requests() async throws {
    let recorder = LogRecorder()
    try await withServer(logger: recorder.logger) { router in
      router.on(.get, "/a/{b}") { _ in .text("hello") }
    } _: { address in
      let client = try await TestClient(address)
      defer { client.close() }
      // A decoded line end in a log would forge a line.
      try await client.send(
        "GET /a/%0D%0Aforged?c=%0A HTTP/1.1\r\nHost: a\r\n\r\nHEAD /b HTTP/1.1\r\nHost: a\r\n\r\n?")
      _ = try await client.readToEnd()
    }
    let lines = recorder.lines.filter { $0.hasPrefix("debug") }
    #expect(lines.count == 3)
    #expect(lines.contains { $0.contains("GET /a/%0D%0Aforged?c=%0A 200") && $0.contains("127.0.0.1:") })
    #expect(lines.contains { $0.contains("HEAD /b 404") })
    #expect(lines.contains { $0.contains("400") })
    #expect(!recorder.lines.contains { $0.contains("\n") })
  }
}
