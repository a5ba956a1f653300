import HTTPServer
import Logging
import Synchronization
import Testing

@Suite struct ShutdownTests {
  private struct Running {
    let server: HTTPServer
    let address: HTTPAddress
    let run: Task<Void, any Error>
  }

  private func start(
    shutdown: Duration = .seconds(20), _ handler: @escaping Router.Handler
  ) throws -> Running {
    var router = Router(logger: silent)
    router.on(.get, "/") { _ in .text("hello") }
    router.on(.get, "/slow", handler)
    var configuration = try HTTPServerConfiguration(address: HTTPAddress("127.0.0.1:0"))
    configuration.deadlines.shutdown = shutdown
    let server = HTTPServer(configuration: configuration, router: router, logger: silent)
    return Running(server: server, address: try server.bind(), run: Task { try await server.run() })
  }

  @Test("A request in flight is answered, idle connections are closed at once, new ones are not accepted")
  func graceful() async throws {
    let (started, begin) = AsyncStream.makeStream(of: Void.self)
    let (gate, open) = AsyncStream.makeStream(of: Void.self)
    let running = try start { _ in
      begin.yield()
      var opened = gate.makeAsyncIterator()
      await opened.next()
      return .text("done")
    }
    let idle = try await TestClient(running.address)
    try await idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try await idle.readResponse().status == 200)
    let fresh = try await TestClient(running.address)
    let busy = try await TestClient(running.address)
    try await busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
    var begun = started.makeAsyncIterator()
    await begun.next()

    running.server.triggerGracefulShutdown()
    #expect(try await idle.readToEnd().isEmpty)
    #expect(try await fresh.readToEnd().isEmpty)
    await #expect(throws: (any Error).self) { try await TestClient(running.address) }
    open.yield()
    let responses = TestResponse.all(in: try await busy.readToEnd())
    #expect(responses.map(\.content) == ["done"])
    #expect(responses.first?["connection"] == "close")
    try await within(.seconds(10)) { try await running.run.value }
    for client in [idle, fresh, busy] { client.close() }
  }

  @Test("A handler that outlasts the period of grace is cancelled")
  func period() async throws {
    let (started, begin) = AsyncStream.makeStream(of: Void.self)
    let (cancelled, cancel) = AsyncStream.makeStream(of: Void.self)
    let running = try start(shutdown: .milliseconds(200)) { _ in
      begin.yield()
      do {
        try await Task.sleep(for: .seconds(600))
      } catch {
        cancel.yield()
        throw error
      }
      return .text("too late")
    }
    let client = try await TestClient(running.address)
    defer { client.close() }
    try await client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
    var begun = started.makeAsyncIterator()
    await begun.next()
    running.server.triggerGracefulShutdown()
    try await within(.seconds(10)) { try await running.run.value }
    var events = cancelled.makeAsyncIterator()
    await events.next()
    #expect(!(try await client.readToEnd()).contains("too late"))
  }

  @Test("Without connections shutdown doesn't wait for anything; before run() it counts too")
  func nothingToDo() async throws {
    let running = try start(shutdown: .seconds(600)) { _ in .text("") }
    let client = try await TestClient(running.address)
    try await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    #expect(try await client.readToEnd().contains("hello"))
    client.close()
    running.server.triggerGracefulShutdown()
    try await within(.seconds(10)) { try await running.run.value }

    let configuration = try HTTPServerConfiguration(address: HTTPAddress("127.0.0.1:0"))
    let early = HTTPServer(configuration: configuration, router: Router(logger: silent), logger: silent)
    early.triggerGracefulShutdown()
    try await within(.seconds(10)) { try await early.run() }
  }

  @Test("Cancellation of run() breaks everything off")
  func cancellation() async throws {
    let (started, begin) = AsyncStream.makeStream(of: Void.self)
    let running = try start { _ in
      begin.yield()
      try await Task.sleep(for: .seconds(600))
      return .text("")
    }
    let idle = try await TestClient(running.address)
    let busy = try await TestClient(running.address)
    try await busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
    var begun = started.makeAsyncIterator()
    await begun.next()
    running.run.cancel()
    _ = try await within(.seconds(10)) { await running.run.result }
    #expect(try await idle.readToEnd().isEmpty)
    _ = try await busy.readToEnd()
    for client in [idle, busy] { client.close() }
  }

  @Test("A connection that was in the queue when the shutdown began, with its request, is answered")
  func queued() async throws {
    var router = Router(logger: silent)
    router.on(.get, "/") { _ in .text("hello") }
    let configuration = try HTTPServerConfiguration(address: HTTPAddress("127.0.0.1:0"))
    let server = HTTPServer(configuration: configuration, router: router, logger: silent)
    let client = try await TestClient(try server.bind())
    defer { client.close() }
    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    server.triggerGracefulShutdown()
    try await within(.seconds(10)) { try await server.run() }
    #expect(TestResponse.all(in: try await client.readToEnd()).map(\.content) == ["hello"])
  }
}
