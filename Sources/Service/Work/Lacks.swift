import Synchronization

/// The data sets that this machine was found to lack, whoever found it, and when it is worth looking for them again: ever
/// more rarely.
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

  /// Remembers that the content with a digest (or, where none is known, the data set of a name) isn't to be had. What
  /// several find at the same time, as the workers of a process do, counts once.
  package func note(_ key: String) {
    entries.withLock { entries in
      let (known, time) = (entries[key], now())
      if let known, time < known.until { return }
      let wait = known.map { min($0.wait * 2, Self.longestWait) } ?? Self.firstWait
      entries[key] = Entry(wait: wait, until: time + wait)
    }
  }

  /// It has come.
  package func forget(_ key: String) { entries.withLock { $0[key] = nil } }

  /// Whether it is not worth looking for it yet.
  package func mustWait(_ key: String) -> Bool {
    entries.withLock { entries in entries[key].map { now() < $0.until } ?? false }
  }

  /// What is not worth looking for yet.
  package var postponed: [String] {
    entries.withLock { entries in
      let time = now()
      return entries.filter { time < $0.value.until }.map(\.key)
    }
  }
}
