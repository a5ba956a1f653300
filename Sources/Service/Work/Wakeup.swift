import Synchronization

/// A bell: `ring` wakes everyone who waits. A ring between reading `rings` and waiting is not missed.
package final class Wakeup: Sendable {
  private enum Waiter {
    /// Its wait is announced but has not begun.
    case coming
    case waiting(CheckedContinuation<Void, Never>)
  }

  private struct State {
    var rings: UInt64 = 0
    var waiters: [UInt64: Waiter] = [:]
    var nextWaiter: UInt64 = 0
  }
  private let state = Mutex(State())

  package init() {}

  /// How often the bell has rung; pass it to `wait` to miss no ring in between.
  package var rings: UInt64 { state.withLock { $0.rings } }

  package func ring() {
    let waiters = state.withLock { state in
      state.rings += 1
      defer { state.waiters = [:] }
      return state.waiters.values
    }
    for case .waiting(let continuation) in waiters { continuation.resume() }
  }

  /// Returns when the bell has rung more than `rings` times, at the latest after `timeout`, or when the task is
  /// cancelled.
  ///
  /// - Parameter sleep: waits for the timeout; tests give another.
  package func wait(
    after rings: UInt64, timeout: Duration,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) async {
    let waiter = state.withLock { state -> UInt64? in
      guard state.rings <= rings else { return nil }
      state.nextWaiter += 1
      state.waiters[state.nextWaiter] = .coming
      return state.nextWaiter
    }
    guard let waiter else { return }
    let deadline = Task {
      try await sleep(timeout)
      wake(waiter)
    }
    defer { deadline.cancel() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isWaiting = state.withLock { state in
          // Who was woken before it came to wait has nothing to wait for: not even the deadline would come again.
          guard state.waiters[waiter] != nil else { return false }
          state.waiters[waiter] = .waiting(continuation)
          return true
        }
        if !isWaiting { continuation.resume() }
      }
    } onCancel: {
      wake(waiter)
    }
  }

  private func wake(_ waiter: UInt64) {
    if case .waiting(let continuation) = state.withLock({ $0.waiters.removeValue(forKey: waiter) }) {
      continuation.resume()
    }
  }
}
