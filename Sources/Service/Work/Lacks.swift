import Synchronization

/// The data sets that this machine was found to lack, and when it is worth looking for them again: ever more rarely.
package final class Lacks: Sendable {
  private struct Entry {
    var wait: Duration
    var until: ContinuousClock.Instant
  }

  private let entries = Mutex<[String: Entry]>([:])
  private let now: @Sendable () -> ContinuousClock.Instant

  static let firstWait = Duration.seconds(5)
  static let longestWait = Duration.seconds(60)

  /// - Parameter now: the clock, which tests set.
  package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

  /// Remembers that the content with a digest (or, where none is known, the data set of a name) isn't to be had.
  package func note(_ key: String) {
    entries.withLock { entries in
      let wait = entries[key].map { min($0.wait * 2, Self.longestWait) } ?? Self.firstWait
      entries[key] = Entry(wait: wait, until: now() + wait)
    }
  }

  /// It has come.
  package func forget(_ key: String) { entries.withLock { $0[key] = nil } }

  /// Whether it is not worth looking for it yet.
  package func mustWait(_ key: String) -> Bool {
    entries.withLock { entries in entries[key].map { now() < $0.until } ?? false }
  }
}
