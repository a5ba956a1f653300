import Foundation

/// One operating system thread that runs the closures given to it, in order, one at a time.
///
/// libpq blocks while a statement runs; Swift's cooperative pool must never be blocked. The thread ends
/// when `stop` was called (or the last reference went) and all closures that were submitted have run.
final class SerialThread: Sendable {
  private let queue = Queue()

  /// Starts the thread. The name shows in debuggers and in `/proc`.
  init(name: String) {
    let thread = Thread { [queue] in queue.drain() }
    thread.name = name
    thread.start()
  }

  deinit { queue.stop() }

  /// Runs the closure after those submitted before. After `stop` nothing is taken: false.
  func submit(_ work: @escaping @Sendable () -> Void) -> Bool { queue.append(work) }

  /// Lets the thread end once it has run what was submitted.
  func stop() { queue.stop() }

  /// Runs a blocking closure on this thread and waits for its value without blocking the caller's thread.
  func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      let taken = submit { continuation.resume(with: Result(catching: body)) }
      if !taken { continuation.resume(throwing: DatabaseError.closed) }
    }
  }
}

extension SerialThread {
  /// The work that waits; the thread holds it, so it outlives the `SerialThread` that made it.
  private final class Queue: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: [@Sendable () -> Void] = []
    private var isStopped = false

    func append(_ work: @escaping @Sendable () -> Void) -> Bool {
      condition.lock()
      defer { condition.unlock() }
      guard !isStopped else { return false }
      waiting.append(work)
      condition.signal()
      return true
    }

    func stop() {
      condition.lock()
      isStopped = true
      condition.signal()
      condition.unlock()
    }

    func drain() {
      while let batch = next() {
        for work in batch { work() }
      }
    }

    private func next() -> [@Sendable () -> Void]? {
      condition.lock()
      defer { condition.unlock() }
      while waiting.isEmpty {
        if isStopped { return nil }
        condition.wait()
      }
      defer { waiting = [] }
      return waiting
    }
  }
}
