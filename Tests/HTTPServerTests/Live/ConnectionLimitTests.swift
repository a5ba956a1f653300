import HTTPServer
import Testing

@Suite struct ConnectionLimitTests {
  private static func routes(_ router: inout Router) {
    router.on(.get, "/") { _ in .text("hello") }
  }

  private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test("RFC 9110 §15.6.4: one connection too many is told so; when one has gone there is room again")
  func cap() async throws {
    var limits = HTTPLimits()
    limits.connections = 3
    try await withServer(limits: limits, routes: Self.routes) { address in
      var clients: [TestClient] = []
      for _ in 0..<3 {
        let client = try await TestClient(address)
        clients.append(client)
        try await client.send(Self.request)
        #expect(try await client.readResponse().status == 200)
      }
      let refused = try await TestClient(address)
      let responses = TestResponse.all(in: try await refused.readToEnd())
      #expect(responses.map(\.status) == [503])
      #expect(responses.first?["connection"] == "close")
      #expect(responses.first?["retry-after"] == "1")
      refused.close()

      // The others are served as before.
      try await clients[0].send(Self.request)
      #expect(try await clients[0].readResponse().status == 200)

      clients[1].close()
      try await within(.seconds(10)) {
        while true {
          let client = try await TestClient(address)
          defer { client.close() }
          try await client.send(Self.request)
          if try await client.readResponse().status == 200 { return }
        }
      }
      clients[0].close()
      clients[2].close()
    }
  }

  @Test("A thousand idle connections don't keep others from being served")
  func idleConnections() async throws {
    // Both ends of every connection are in this process.
    guard FileDescriptorLimit.makeRoom(forConnections: 2_100) >= 2_500 else {
      return print("Skipped: this process may not open 2,500 files (ulimit -Hn).")
    }
    var limits = HTTPLimits()
    limits.connections = 1_010
    try await withServer(limits: limits, routes: Self.routes) { address in
      var idle: [TestClient] = []
      defer { for client in idle { client.close() } }
      for index in 0..<1_000 {
        let client = try await TestClient(address)
        idle.append(client)
        // Some have been served once, some stopped in the middle of a header, some never said anything.
        if index % 3 == 0 {
          try await client.send(Self.request)
          #expect(try await client.readResponse().status == 200)
        } else if index % 3 == 1 {
          try await client.send("GET / HT")
        }
      }
      let client = try await TestClient(address)
      defer { client.close() }
      let start = ContinuousClock.now
      for _ in 0..<200 {
        try await client.send(Self.request)
        #expect(try await client.readResponse().status == 200)
      }
      #expect(ContinuousClock.now - start < .seconds(10))
      // Those that wait are still there.
      try await idle[1].send("TP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await idle[1].readResponse().status == 200)
    }
  }
}
