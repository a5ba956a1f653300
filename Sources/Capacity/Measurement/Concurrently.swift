import Foundation
import Synchronization

/// Calls `body` on every element, on at most `workers` threads at once; returns when all have ended. After the
/// first error no further element is begun, and the error is thrown at the end.
package func concurrently<T: Sendable>(
  _ elements: [T], workers: Int, _ body: @escaping @Sendable (T) throws -> Void
) throws {
  let progress = Progress()
  let group = DispatchGroup()
  for _ in 0..<min(workers, elements.count) {
    group.enter()
    let thread = Thread {
      defer { group.leave() }
      while let element = progress.state.withLock({ (state) -> T? in
        guard state.failure == nil, state.next < elements.count else { return nil }
        defer { state.next += 1 }
        return elements[state.next]
      }) {
        do { try body(element) } catch { progress.state.withLock { $0.failure = $0.failure ?? error } }
      }
    }
    thread.stackSize = 8 << 20
    thread.name = "emc training"
    thread.start()
  }
  group.wait()
  if let failure = progress.state.withLock({ $0.failure }) { throw failure }
}

/// How far the threads have come with their elements.
private final class Progress: Sendable {
  struct State {
    /// The first element that nobody has begun.
    var next = 0
    var failure: (any Error)?
  }
  let state = Mutex(State())
}

/// Threads for the shards of each of so many probes that so many workers train: an even share, at least the worker's own.
package func threadShare(workers: Int, probes: Int) -> Int { max(1, workers / max(1, probes)) }
