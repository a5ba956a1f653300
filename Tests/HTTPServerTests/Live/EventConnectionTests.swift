import HTTPServer
import Synchronization
import Testing

/// Event streams over sockets.
@Suite struct EventConnectionTests {
  /// The streams that are open, in the order they were asked for.
  private final class Hub: Sendable {
    let streams = Mutex<[EventStream]>([])
    let ended = Mutex(0)

    func open(heartbeat: Duration = .seconds(600), limit: Int = 262_144) -> HTTPResponse {
      let stream = EventStream(heartbeat: heartbeat, limit: limit)
      stream.whenEnded { self.ended.withLock { $0 += 1 } }
      streams.withLock { $0.append(stream) }
      return .events(stream)
    }

    func send(_ event: ServerSentEvent) {
      for stream in streams.withLock({ $0 }) { stream.send(event) }
    }
  }

  private static let request = "GET /events HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n"

  private static func routes(_ hub: Hub, _ router: inout Router) {
    router.on(.get, "/events") { _ in hub.open() }
    router.on(.get, "/") { _ in .text("hello") }
  }

  @Test("An event arrives when it happens, as text/event-stream, uncompressed")
  func arrival() async throws {
    let hub = Hub()
    try await withServer {
      Self.routes(hub, &$0)
    } _: { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send(Self.request)
      let head = try await client.read { $0.contains("retry: ") }
      #expect(
        head.contains("Content-Type: text/event-stream\r\n") && head.contains("Cache-Control: no-store\r\n"))
      #expect(!head.contains("gzip") && head.contains("Transfer-Encoding: chunked"))
      for index in 0..<3 {
        hub.send(ServerSentEvent(id: "v\(index)", data: "news \(index)"))
        let text = try await client.read { $0.contains("data: news \(index)\n\n") }
        #expect(text.contains("id: v\(index)\n"))
      }
    }
  }

  @Test("A shutdown ends streams at once, and they end whole")
  func drain() async throws {
    let hub = Hub()
    var router = Router(logger: silent)
    Self.routes(hub, &router)
    var deadlines = HTTPDeadlines()
    deadlines.shutdown = .seconds(600)
    let server = try HTTPServer(
      configuration: HTTPServerConfiguration(address: HTTPAddress("127.0.0.1:0"), deadlines: deadlines),
      router: router, logger: silent)
    let address = try server.bind()
    let run = Task { try await server.run() }
    var clients: [TestClient] = []
    for _ in 0..<5 {
      let client = try await TestClient(address)
      clients.append(client)
      try await client.send(Self.request)
      _ = try await client.read { $0.contains("retry: ") }
    }
    hub.send(ServerSentEvent(data: "last"))
    server.triggerGracefulShutdown()
    for client in clients {
      let text = try await client.readToEnd()
      #expect(text.contains("data: last") && text.hasSuffix("0\r\n\r\n"))
      client.close()
    }
    try await within(.seconds(20)) { try await run.value }
    #expect(hub.ended.withLock { $0 } == 5)
  }

  @Test("Streams are limited, and leave the other connections to everything else")
  func share() async throws {
    let hub = Hub()
    var limits = HTTPLimits()
    limits.streams = 3
    try await withServer(limits: limits) {
      Self.routes(hub, &$0)
    } _: { address in
      var clients: [TestClient] = []
      defer { for client in clients { client.close() } }
      for _ in 0..<3 {
        let client = try await TestClient(address)
        clients.append(client)
        try await client.send(Self.request)
        _ = try await client.read { $0.contains("retry: ") }
      }
      let other = try await TestClient(address)
      defer { other.close() }
      try await other.send(Self.request)
      let refused = try await other.readResponse()
      #expect(refused.status == 503 && refused["retry-after"] != nil)
      try await other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await other.readResponse().content == "hello")
      // HEAD opens none.
      try await other.send("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try await other.read { $0.hasSuffix("hello") }
      // One that has ended makes room.
      hub.streams.withLock { $0[0] }.finish()
      _ = try await clients[0].read { $0.hasSuffix("0\r\n\r\n") }
      try await within(.seconds(20)) {
        while true {
          try await other.send(Self.request)
          if try await other.read(until: { $0.contains("\r\n\r\n") }).contains("200 OK") { return }
        }
      }
    }
  }

  @Test("A reader that stalls loses its connection, and costs no more memory than its limit")
  func stalledReader() async throws {
    let hub = Hub()
    var deadlines = HTTPDeadlines()
    deadlines.write = .milliseconds(300)
    try await withServer(deadlines: deadlines) {
      Self.routes(hub, &$0)
    } _: { address in
      let stalled = try await TestClient(address, receiveBufferBytes: 4_096)
      defer { stalled.close() }
      try await stalled.send(Self.request)
      let other = try await TestClient(address)
      defer { other.close() }
      try await other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await other.readResponse().status == 200)
      let event = ServerSentEvent(data: String(repeating: "x", count: 60_000))
      try await within(.seconds(30)) {
        while hub.streams.withLock({ $0.isEmpty }) { await Task.yield() }
        // As fast as it goes: sockets hold a few megabytes, then what waits exceeds its limit.
        while hub.streams.withLock({ $0[0] }).send(event) { await Task.yield() }
      }
      #expect(hub.ended.withLock { $0 } == 1)
      try await other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await other.readResponse().status == 200)
    }
  }

  @Test("Two hundred streams that are all written to leave control routes alone")
  func manyStreams() async throws {
    guard FileDescriptorLimit.makeRoom(forConnections: 600) >= 900 else {
      return print("Skipped: too few open files allowed.")
    }
    let hub = Hub()
    try await withServer {
      Self.routes(hub, &$0)
    } _: { address in
      var clients: [TestClient] = []
      defer { for client in clients { client.close() } }
      for _ in 0..<200 {
        let client = try await TestClient(address)
        clients.append(client)
        try await client.send(Self.request)
        _ = try await client.read { $0.contains("retry: ") }
      }
      let readers = clients
      let pump = Task {
        while !Task.isCancelled {
          hub.send(ServerSentEvent(data: "tick"))
          for client in readers { _ = try? await client.readPiece() }
        }
      }
      defer { pump.cancel() }
      let control = try await TestClient(address)
      defer { control.close() }
      let start = ContinuousClock.now
      for _ in 0..<200 {
        try await control.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await control.readResponse().status == 200)
      }
      #expect(ContinuousClock.now - start < .seconds(15))
      #expect(hub.ended.withLock { $0 } == 0)
      pump.cancel()
      hub.send(ServerSentEvent(data: "tick"))
      await pump.value
    }
  }
}
