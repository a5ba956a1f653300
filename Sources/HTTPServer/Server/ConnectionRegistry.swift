import Synchronization

/// The open connections of a server: their number, their deadlines, their end. One task watches all
/// deadlines, so that a request costs no timer of its own.
final class ConnectionRegistry: Sendable {
  private struct State {
    var served: [ObjectIdentifier: Transport] = [:]
    var refused: [ObjectIdentifier: Transport] = [:]
    var isStopping = false
    var waiter: CheckedContinuation<Void, Never>?
    /// Nobody is to wait any longer.
    var isOver = false
  }

  private let state = Mutex(State())
  private let shortest: Duration
  private let maximum: Int
  /// Refused connections that are given time to read their answer.
  private let refusedMaximum = 128

  init(limits: HTTPLimits, deadlines: HTTPDeadlines) {
    maximum = limits.connections
    shortest = deadlines.shortest
  }

  enum Admission {
    case served
    /// Too many: to be told so.
    case refused
    /// Too many even of those.
    case dropped
  }

  /// Counts a connection in, as long as there is room.
  func admit(_ transport: Transport) -> Admission {
    state.withLock { state in
      let id = ObjectIdentifier(transport)
      if state.served.count < maximum {
        state.served[id] = transport
        if state.isStopping { transport.endWhenIdle() }
        return .served
      }
      guard state.refused.count < refusedMaximum else { return .dropped }
      state.refused[id] = transport
      return .refused
    }
  }

  /// Counts a connection out.
  func remove(_ transport: Transport) {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      let id = ObjectIdentifier(transport)
      state.served[id] = nil
      state.refused[id] = nil
      return state.served.isEmpty ? state.waiter.take() : nil
    }
    waiter?.resume()
  }

  /// A graceful shutdown has begun: responses announce the connection's end.
  var isStopping: Bool { state.withLock(\.isStopping) }

  /// Ends connections that wait for a request; the others end after the one they are serving.
  func stop() {
    let transports = state.withLock { state in
      state.isStopping = true
      return Array(state.served.values)
    }
    for transport in transports { transport.endWhenIdle() }
  }

  /// Returns when no connection is left or the time is up.
  func waitUntilEmpty(for duration: Duration) async {
    let timer = Task {
      try await Task.sleep(for: duration)
      wake()
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          guard !state.served.isEmpty, !state.isOver else { return true }
          state.waiter = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      wake()
    }
    timer.cancel()
  }

  private func wake() {
    let waiter = state.withLock { state in
      state.isOver = true
      return state.waiter.take()
    }
    waiter?.resume()
  }

  /// Breaks off every connection.
  func abort() {
    let transports = state.withLock { Array($0.served.values) + Array($0.refused.values) }
    for transport in transports { transport.abort() }
  }

  /// Holds every connection to its deadline until cancelled. Sleeps until the nearest one that is set, or as
  /// long as none that could be set meanwhile can pass.
  func watchDeadlines() async {
    let clock = ContinuousClock()
    while !Task.isCancelled {
      let now = clock.now
      let transports = state.withLock { Array($0.served.values) + Array($0.refused.values) }
      let nearest = transports.compactMap { $0.expire(at: now) }.min()
      let wake = max(now + .milliseconds(1), min(nearest ?? now + shortest, now + shortest))
      try? await clock.sleep(until: wake)
    }
  }
}
