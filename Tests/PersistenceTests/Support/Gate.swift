import Dispatch

/// Holds a thread back until another lets it pass.
final class Gate: @unchecked Sendable {
  // Safe: a semaphore is made to be used from several threads; the reference never changes.
  private let semaphore = DispatchSemaphore(value: 0)

  func open() { semaphore.signal() }

  /// False when nobody opened it in time.
  @discardableResult
  func wait(seconds: Int = 30) -> Bool { semaphore.wait(timeout: .now() + .seconds(seconds)) == .success }
}
