import FlyingSocks
import Logging
import Synchronization

/// Accepts connections until told to stop. Out of descriptors or memory, it pauses and tries again: those who
/// wait stay in the kernel's queue, those who are connected go on being served.
package final class Acceptor: Sendable {
  private struct State {
    var isStopping = false
    var wait: Task<Void, any Error>?
    var warned: ContinuousClock.Instant?
  }

  private let accept: @Sendable () -> ListeningSocket.Acceptance
  private let readiness: @Sendable () async throws -> Void
  private let logger: Logger
  private let state = Mutex(State())

  /// `readiness` returns when `accept` is worth another try.
  package init(
    logger: Logger, accept: @escaping @Sendable () -> ListeningSocket.Acceptance,
    readiness: @escaping @Sendable () async throws -> Void
  ) {
    self.logger = logger
    self.accept = accept
    self.readiness = readiness
  }

  /// The next connection; nil when stopped or cancelled.
  package func next() async throws(HTTPServerError) -> Socket? {
    var pause = Duration.milliseconds(10)
    while !Task.isCancelled, !state.withLock(\.isStopping) {
      switch accept() {
      case .socket(let socket): return socket
      case .aborted: continue
      case .none:
        do {
          try await waitForConnection()
        } catch {
          if Task.isCancelled || state.withLock(\.isStopping) { return nil }
          throw .system(operation: "wait for connections", reason: "\(error)")
        }
      case .exhausted(let code):
        warn(code)
        try? await Task.sleep(for: pause)
        pause = min(pause * 2, .seconds(1))
      case .failed(let code):
        throw .system(operation: "accept connections", reason: "errno \(code)")
      }
    }
    return nil
  }

  private func warn(_ code: Int32) {
    let isDue = state.withLock { state in
      let now = ContinuousClock.now
      if let warned = state.warned, now - warned < .seconds(60) { return false }
      state.warned = now
      return true
    }
    guard isDue else { return }
    logger.warning(
      "New connections wait: raise the limit of open files (ulimit -n) or lower that of connections.",
      metadata: ["errno": "\(code)"])
  }

  /// Ends the wait for connections.
  package func stop() {
    let wait = state.withLock { state in
      state.isStopping = true
      return state.wait
    }
    wait?.cancel()
  }

  private func waitForConnection() async throws {
    let wait = Task { try await readiness() }
    let isStopping = state.withLock { state in
      state.wait = wait
      return state.isStopping
    }
    if isStopping { wait.cancel() }
    try await withTaskCancellationHandler {
      try await wait.value
    } onCancel: {
      wait.cancel()
    }
  }
}
