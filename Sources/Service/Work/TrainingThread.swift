import Foundation
import Glibc
import Synchronization

/// Runs `body` on a training thread: one of its own at lower priority, off the cooperative pool, so that the
/// API answers at once while every core trains.
func onTrainingThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await onOwnThread {
    // On Linux the priority of "process 0" is that of the calling thread alone.
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
    return try body()
  }
}

/// Runs `body` on a thread of its own: what blocks (files, downloads) never holds a thread of the cooperative
/// pool.
func onOwnThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    let thread = Thread { continuation.resume(with: Result(catching: body)) }
    thread.name = "emc work"
    thread.stackSize = 8 << 20
    thread.start()
  }
}

/// As `onOwnThread`, for work whose outcome nobody needs once the task is cancelled: the wait ends at once with
/// `CancellationError`, and the thread goes on by itself until it has ended or the process does.
func abandonably<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  let waiter = Waiter<T>()
  return try await withTaskCancellationHandler {
    try await withCheckedThrowingContinuation { continuation in
      waiter.wait(continuation)
      if Task.isCancelled { return waiter.resume(with: .failure(CancellationError())) }
      let thread = Thread { waiter.resume(with: Result(catching: body)) }
      thread.name = "emc work"
      thread.stackSize = 8 << 20
      thread.start()
    }
  } onCancel: {
    waiter.resume(with: .failure(CancellationError()))
  }
}

/// A continuation that is resumed by whoever comes first.
private final class Waiter<T: Sendable>: Sendable {
  private let continuation = Mutex<CheckedContinuation<T, any Error>?>(nil)

  func wait(_ continuation: CheckedContinuation<T, any Error>) {
    self.continuation.withLock { $0 = continuation }
  }

  func resume(with result: Result<T, any Error>) {
    continuation.withLock { $0.take() }?.resume(with: result)
  }
}
