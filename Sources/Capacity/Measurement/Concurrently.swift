import Compute
import Synchronization

/// Calls `body` on every element, on at most `workers` threads at once, the caller's among them; returns when all have
/// ended. After the first error no further element is begun, and the error is thrown at the end.
package func concurrently<T: Sendable>(
  _ elements: [T], workers: Int, _ body: @Sendable (T) throws -> Void
) throws {
  /// How many elements have been begun, and what went wrong.
  let progress = Mutex<(begun: Int, failure: (any Error)?)>((0, nil))
  onThreads(min(workers, elements.count), named: "emc training") {
    while let element = progress.withLock({ (progress) -> T? in
      guard progress.failure == nil, progress.begun < elements.count else { return nil }
      defer { progress.begun += 1 }
      return elements[progress.begun]
    }) {
      do { try body(element) } catch { progress.withLock { $0.failure = $0.failure ?? error } }
    }
  }
  if let failure = progress.withLock({ $0.failure }) { throw failure }
}

/// Threads for the shards of each of so many probes that so many workers train: an even share, at least the worker's own.
package func threadShare(workers: Int, probes: Int) -> Int { max(1, workers / max(1, probes)) }
