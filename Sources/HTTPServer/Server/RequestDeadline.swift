import Synchronization

/// When a request must have been answered. The time begins anew with every piece of content that arrives: how
/// long that may take is the body's own deadline. The server's watch of deadlines calls off the handler of a
/// request that is late, and the client is told 503.
package final class RequestDeadline: Sendable {
  private struct State {
    var allowance: Duration?
    var instant: ContinuousClock.Instant?
    var expire: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  /// Nil: there is none, as for requests that are made in memory.
  init(_ allowance: Duration? = nil) { allow(allowance) }

  /// Gives the handler so much time from now on; nil: as much as it takes.
  package func allow(_ allowance: Duration?) {
    state.withLock { state in
      state.allowance = allowance
      state.instant = allowance.map { .now + $0 }
    }
  }

  func restart() {
    state.withLock { state in state.instant = state.allowance.map { .now + $0 } }
  }

  /// What is to happen when the time is up.
  func whenExpired(_ action: @escaping @Sendable () -> Void) {
    state.withLock { $0.expire = action }
  }

  /// The request has been answered.
  func end() {
    state.withLock { $0 = State() }
  }

  /// Acts where the time is up; answers the instant that is still to come.
  func expire(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    let (action, instant) = state.withLock { state -> ((@Sendable () -> Void)?, ContinuousClock.Instant?) in
      guard let instant = state.instant, instant <= now else { return (nil, state.instant) }
      defer { state = State() }
      return (state.expire, nil)
    }
    action?()
    return instant
  }
}
