import HTTPServer
import Synchronization

/// Answers requests on a socket as a test says, and remembers them.
final class StubService: Sendable {
  let url: String
  private let server: HTTPServer
  private let log: Log

  private final class Log: Sendable { let requests = Mutex<[HTTPRequest]>([]) }

  /// - Parameter routes: what GET and POST are answered with, by template.
  init(_ routes: [String: Router.Handler]) throws {
    let log = Log()
    var router = Router(logger: quiet)
    for (template, answer) in routes {
      for method in [HTTPMethod.get, .post] {
        router.on(method, template) { request in
          log.requests.withLock { $0.append(request) }
          return try await answer(request)
        }
      }
    }
    server = try HTTPServer(onLoopback: router)
    url = "http://\(try server.bind())"
    self.log = log
  }

  /// Those so far.
  var requests: [HTTPRequest] { log.requests.withLock { $0 } }

  /// Serves while `body` runs.
  func serving<T: Sendable>(_ body: () async throws -> T) async throws -> T {
    try await server.serving(body)
  }
}

extension HTTPServer {
  /// A server for tests, on a port of its own.
  init(onLoopback router: Router) throws {
    self.init(
      configuration: HTTPServerConfiguration(address: try HTTPAddress(host: "127.0.0.1", port: 0)),
      router: router, logger: quiet)
  }

  /// Serves while `body` runs.
  func serving<T: Sendable>(_ body: () async throws -> T) async throws -> T {
    async let running: Void = run()
    let result: Result<T, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    triggerGracefulShutdown()
    try await running
    return try result.get()
  }
}
