import Compute
import Foundation
import Synchronization

/// Runs `body` on a thread of its own: what blocks (files, downloads) or takes its time (parsing, training) never holds a
/// thread of the cooperative pool, which has one for each core.
func onOwnThread<T: Sendable>(
  priority: ThreadPriority = .inherited, _ body: @escaping @Sendable () throws -> T
) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    startThread("emc work", priority: priority) { continuation.resume(with: Result(catching: body)) }
  }
}

/// As `onOwnThread`, for work whose outcome nobody needs once the task is cancelled: the wait ends with
/// `CancellationError`, and the thread goes on by itself until it has ended or the process does.
///
/// - Parameter grace: how long the thread has to end after the cancellation before nobody waits for it any more.
package func detachedFromCancellation<T: Sendable>(
  after grace: Duration = .zero, _ body: @escaping @Sendable () throws -> T
) async throws -> T {
  let waiter = Waiter<T>()
  return try await withTaskCancellationHandler {
    try await withCheckedThrowingContinuation { continuation in
      waiter.wait(continuation)
      if Task.isCancelled { return waiter.resume(with: .failure(CancellationError())) }
      startThread("emc work") { waiter.resume(with: Result(catching: body)) }
    }
  } onCancel: {
    guard grace > .zero else { return waiter.resume(with: .failure(CancellationError())) }
    Task.detached {
      try? await Task.sleep(for: grace)
      waiter.resume(with: .failure(CancellationError()))
    }
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
