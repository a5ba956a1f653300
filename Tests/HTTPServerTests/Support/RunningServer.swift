import HTTPServer
import Logging
import Testing

/// A logger that says nothing.
let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs a server on a free port while `body` runs, then shuts it down and waits for its end.
func withServer<Value: Sendable>(
  host: String = "127.0.0.1", limits: HTTPLimits = HTTPLimits(), deadlines: HTTPDeadlines = HTTPDeadlines(),
  logger: Logger = silent,
  routes: (inout Router) -> Void,
  _ body: @Sendable (HTTPAddress) async throws -> Value
) async throws -> Value {
  var router = Router(logger: logger)
  routes(&router)
  let server = try HTTPServer(
    configuration: HTTPServerConfiguration(
      address: HTTPAddress(host: host, port: 0), limits: limits, deadlines: deadlines),
    router: router, logger: logger)
  let address = try server.bind()
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await server.run() }
    let result: Result<Value, any Error>
    do { result = .success(try await body(address)) } catch { result = .failure(error) }
    server.triggerGracefulShutdown()
    try await group.waitForAll()
    return try result.get()
  }
}
