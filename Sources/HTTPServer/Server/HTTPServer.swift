import Dispatch
import FlyingSocks
import Logging
import Synchronization

/// An HTTP/1.1 server (RFC 9110, RFC 9112) for one router. Strict in what it reads: whatever breaks the
/// framing is answered with 400 and a close. Every wait has a deadline, every buffer a limit.
package struct HTTPServer: Sendable {
  private final class State: Sendable {
    struct Phase {
      var listener: ListeningSocket?
      var acceptor: Acceptor?
      var hasRun = false
      var isStopping = false
    }
    let phase = Mutex(Phase())
  }

  private let configuration: HTTPServerConfiguration
  private let router: Router
  private let logger: Logger
  private let state = State()

  /// A server that doesn't listen yet. The access log goes to `logger` at level debug.
  package init(configuration: HTTPServerConfiguration, router: Router, logger: Logger) {
    self.configuration = configuration
    self.router = router
    self.logger = logger
  }

  /// Takes the address, so that its port is known and a port in use is noticed at once; connections queue
  /// until `run()` serves them. `run()` does this itself where it hasn't been done.
  @discardableResult
  package func bind() throws(HTTPServerError) -> HTTPAddress { try listen().address }

  private func listen() throws(HTTPServerError) -> ListeningSocket {
    try state.phase.withLock { (phase) throws(HTTPServerError) in
      if let listener = phase.listener { return listener }
      let listener = try ListeningSocket(configuration.address)
      phase.listener = listener
      return listener
    }
  }

  /// Stops accepting, closes idle connections, and lets requests in flight end within the deadline for
  /// shutdown; `run()` returns then. Safe from any thread, before `run()` too.
  package func triggerGracefulShutdown() {
    let acceptor = state.phase.withLock { phase in
      phase.isStopping = true
      return phase.acceptor
    }
    acceptor?.stop()
  }

  /// Serves until a graceful shutdown has ended or the task is cancelled, which breaks off everything at
  /// once. A handler that ignores its task's cancellation holds this up. Once only. Throws `HTTPServerError`.
  package func run() async throws {
    let isFirst = state.phase.withLock { phase in
      defer { phase.hasRun = true }
      return !phase.hasRun
    }
    precondition(isFirst, "a server runs once")
    let listener = try listen()
    FileDescriptorLimit.makeRoom(forConnections: configuration.limits.connections)

    // A queue of its own quality of service has threads of its own: the wait for events takes none from the
    // tasks.
    let pool = SocketPool(
      queue: ePoll(maxEvents: 256), dispatchQueue: DispatchQueue(label: "emc.http", qos: .userInteractive))
    do {
      try await pool.prepare()
    } catch {
      listener.close()
      throw HTTPServerError.system(operation: "prepare for events", reason: "\(error)")
    }
    let acceptor = Acceptor(logger: logger, accept: listener.accept) {
      do { try await pool.suspendSocket(listener.socket, untilReadyFor: .read) } catch SocketError
        .disconnected
      {
        // The next attempt to accept tells what it is.
      }
    }
    let isStopping = state.phase.withLock { phase in
      phase.acceptor = acceptor
      return phase.isStopping
    }
    if isStopping { acceptor.stop() }

    let registry = ConnectionRegistry(limits: configuration.limits, deadlines: configuration.deadlines)
    try await withThrowingTaskGroup(of: Void.self) { background in
      background.addTask { try? await pool.run() }
      background.addTask { await registry.watchDeadlines() }
      defer { background.cancelAll() }
      logger.info("The HTTP server listens.", metadata: ["address": "\(listener.address)"])
      try await serve(acceptor, listener, pool, registry)
    }
  }

  private func serve(
    _ acceptor: Acceptor, _ listener: ListeningSocket, _ pool: any AsyncSocketPool,
    _ registry: ConnectionRegistry
  ) async throws {
    let failure = await withDiscardingTaskGroup(returning: HTTPServerError?.self) { connections in
      var failure: HTTPServerError?
      do throws(HTTPServerError) {
        while let socket = try await acceptor.next() {
          serve(socket, pool, registry, in: &connections)
        }
        // Who was in the queue when the shutdown began isn't turned away unheard.
        while !Task.isCancelled, case .socket(let socket) = listener.accept() {
          serve(socket, pool, registry, in: &connections)
        }
      } catch {
        failure = error
      }
      listener.close()
      registry.stop()
      await registry.waitUntilEmpty(for: configuration.deadlines.shutdown)
      connections.cancelAll()
      registry.abort()
      return failure
    }
    if let failure { throw failure }
  }

  private func serve(
    _ socket: Socket, _ pool: any AsyncSocketPool, _ registry: ConnectionRegistry,
    in connections: inout DiscardingTaskGroup
  ) {
    let transport = Transport(socket, pool: pool)
    switch registry.admit(transport) {
    case .served:
      let connection = Connection(
        transport, router: router, registry: registry, configuration: configuration, logger: logger)
      connections.addTask {
        await connection.serve()
        registry.remove(transport)
      }
    case .refused(let problem):
      connections.addTask {
        await refuse(transport, problem)
        registry.remove(transport)
      }
    case .dropped: transport.close()
    }
  }

  /// One connection too many: told so without waiting for its request.
  private func refuse(_ transport: Transport, _ problem: ProblemDocument) async {
    let response = problem.response
    guard case .bytes(let content) = response.body else { return transport.close() }
    let head = ResponseHead.bytes(
      response, framing: .length(content.count), keepsAlive: false, minorVersion: 1)
    transport.writeAtOnce(head + content)
    await transport.drain(for: configuration.deadlines.linger)
    transport.close()
  }
}
