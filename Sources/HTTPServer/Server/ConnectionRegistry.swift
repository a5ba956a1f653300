import Synchronization

/// The open connections of a server: their number, their deadlines, their end. One task watches all
/// deadlines, so that a request costs no timer of its own.
final class ConnectionRegistry: Sendable {
  private struct State {
    var served: [ObjectIdentifier: Transport] = [:]
    var refused: [ObjectIdentifier: Transport] = [:]
    /// How many of those served are whose.
    var clients: [String: Int] = [:]
    var streams: [ObjectIdentifier: EventStream] = [:]
    var isStopping = false
    var waiter: CheckedContinuation<Void, Never>?
    /// Nobody is to wait any longer.
    var isOver = false
  }

  private let state = Mutex(State())
  /// What the bodies of all connections together may fill.
  let collectedBytes: ByteBudget
  private let shortest: Duration
  private let limits: HTTPLimits
  /// Refused connections that are given time to read their answer.
  private let refusedMaximum = 128

  init(limits: HTTPLimits, deadlines: HTTPDeadlines) {
    self.limits = limits
    collectedBytes = ByteBudget(limits.collectedBytes)
    shortest = deadlines.shortest
  }

  enum Admission {
    case served
    /// Too many: to be told so.
    case refused(ProblemDocument)
    /// Too many even of those.
    case dropped
  }

  /// Counts a connection in, as long as there is room.
  func admit(_ transport: Transport) -> Admission {
    state.withLock { state in
      let id = ObjectIdentifier(transport)
      let client = counted(transport)
      let isOverShare = client.map { state.clients[$0, default: 0] >= limits.connectionsOfClient } ?? false
      if state.served.count < limits.connections, !isOverShare {
        state.served[id] = transport
        if let client { state.clients[client, default: 0] += 1 }
        if state.isStopping { transport.endWhenIdle() }
        return .served
      }
      guard state.refused.count < refusedMaximum else { return .dropped }
      state.refused[id] = transport
      return .refused(isOverShare ? Self.overShare : Self.full)
    }
  }

  private static let overShare = ProblemDocument(
    .tooManyRequests, detail: "This client has as many connections as one client may have.",
    headers: ["Retry-After": "1"])
  private static let full = ProblemDocument(
    .unavailable, detail: "The server has as many connections as it takes.", headers: ["Retry-After": "1"])
  private static let tooManyStreams = ProblemDocument(
    .unavailable, detail: "The server sends as many event streams as it takes.",
    headers: ["Retry-After": "5"])

  /// Whom a connection counts to; nil: to nobody.
  private func counted(_ transport: Transport) -> String? {
    guard let client = transport.client else { return nil }
    let isLoopback = client == "::1" || client.hasPrefix("127.")
    return isLoopback && limits.exemptsLoopback ? nil : client
  }

  /// Counts an event stream in; answers what the client is to be told where there is no room for it.
  func begin(_ stream: EventStream) -> ProblemDocument? {
    let (refusal, isStopping) = state.withLock { state -> (ProblemDocument?, Bool) in
      guard state.streams.count < limits.streams else { return (Self.tooManyStreams, false) }
      state.streams[ObjectIdentifier(stream)] = stream
      return (nil, state.isStopping)
    }
    if isStopping || refusal != nil { stream.finish() }
    return refusal
  }

  func end(_ stream: EventStream) {
    _ = state.withLock { $0.streams.removeValue(forKey: ObjectIdentifier(stream)) }
    stream.finish()
  }

  /// Counts a connection out.
  func remove(_ transport: Transport) {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      let id = ObjectIdentifier(transport)
      if state.served.removeValue(forKey: id) != nil, let client = counted(transport) {
        let count = state.clients[client, default: 1] - 1
        state.clients[client] = count == 0 ? nil : count
      }
      state.refused[id] = nil
      return state.served.isEmpty ? state.waiter.take() : nil
    }
    waiter?.resume()
  }

  /// A graceful shutdown has begun: responses announce the connection's end.
  var isStopping: Bool { state.withLock(\.isStopping) }

  /// Ends connections that wait for a request, and event streams; the others end after the request they are
  /// serving.
  func stop() {
    let (transports, streams) = state.withLock { state in
      state.isStopping = true
      return (Array(state.served.values), Array(state.streams.values))
    }
    for stream in streams { stream.finish() }
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
