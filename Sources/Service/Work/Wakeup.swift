import Synchronization

/// A bell: `ring` wakes everyone who waits. A ring between reading `rings` and waiting is not missed.
final class Wakeup: Sendable {
  private struct State {
    var rings: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter: UInt64 = 0
  }
  private let state = Mutex(State())

  /// How often the bell has rung; pass it to `wait` to miss no ring in between.
  var rings: UInt64 { state.withLock { $0.rings } }

  func ring() {
    let waiters = state.withLock { state in
      state.rings += 1
      defer { state.waiters = [:] }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Returns when the bell has rung more than `rings` times, at the latest after `timeout`, or when the task is
  /// cancelled.
  func wait(after rings: UInt64, timeout: Duration) async {
    let waiter = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    let deadline = Task {
      try await Task.sleep(for: timeout)
      wake(waiter)
    }
    defer { deadline.cancel() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.rings > rings || Task.isCancelled { return true }
          state.waiters[waiter] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      wake(waiter)
    }
  }

  private func wake(_ waiter: UInt64) {
    state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
  }
}
