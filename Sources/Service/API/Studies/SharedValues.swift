import Foundation
import Synchronization

/// Values of things that change and that take long to make: of each thing one is made at a time, and all who ask for it
/// meanwhile share it. It is made to its end whatever becomes of those who asked, and kept for who asks next.
package actor SharedValues<Value: Sendable> {
  /// The state of a thing that a value is made of.
  package struct Stamp: Sendable, Hashable {
    /// A value of another shape is of no use, however new it is.
    let shape: [Int64]
    /// Raised by every other change.
    let version: Int64

    package init(shape: [Int64] = [], version: Int64) {
      self.shape = shape
      self.version = version
    }
  }

  private struct Made {
    let stamp: Stamp
    let value: Value
    /// When it was ready, and how long that took.
    let end: ContinuousClock.Instant
    let duration: Duration
    var used: Int
  }

  /// A value that is being made.
  private final class Making: Sendable {
    let stamp: Stamp
    /// The order in which they were begun.
    let number: Int
    let bell = Wakeup()
    private let outcome = Mutex<Result<Value, any Error>?>(nil)

    init(_ stamp: Stamp, number: Int) {
      self.stamp = stamp
      self.number = number
    }

    /// Nil until it has ended.
    var result: Result<Value, any Error>? { outcome.withLock { $0 } }

    func end(with result: Result<Value, any Error>) {
      outcome.withLock { $0 = result }
      bell.ring()
    }
  }

  /// What is made of a thing that goes on changing takes a fifth of the time at most.
  private static var rest: Int { 4 }

  private let limit: Int
  private let now: @Sendable () -> ContinuousClock.Instant
  private var made: [UUID: Made] = [:]
  private var makings: [UUID: Making] = [:]
  private var begun = 0
  private var clock = 0

  /// - Parameters:
  ///   - limit: values that are kept; those that were asked for last.
  ///   - now: tests give another.
  package init(limit: Int = 64, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.limit = limit
    self.now = now
  }

  /// The value of a thing as it is, or as it has become since.
  ///
  /// - Parameters:
  ///   - stamp: what the caller has read of it.
  ///   - mayBeOlder: whether the last value of the same shape is good enough for four times as long as it took to make.
  ///   - make: reads the thing anew; what it gives is at least as new as the stamp.
  /// - Throws: what `make` throws; `CancellationError` where the caller's task is cancelled, and the value is made all the
  ///   same.
  package func value(
    of thing: UUID, at stamp: Stamp, mayBeOlder: Bool = false,
    make: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let arrival = begun
    while true {
      if let known = made[thing], known.stamp == stamp || mayBeOlder && isRecent(known, stamp) {
        clock += 1
        made[thing]?.used = clock
        return known.value
      }
      let making = makings[thing] ?? begin(thing, stamp, make)
      await making.bell.wait(after: 0, timeout: .seconds(3_600))
      try Task.checkCancellation()
      guard let result = making.result else { continue }
      // What was begun after the caller came is no older than what it has read.
      if making.stamp.shape == stamp.shape, making.stamp == stamp || making.number > arrival {
        return try result.get()
      }
    }
  }

  private func isRecent(_ known: Made, _ stamp: Stamp) -> Bool {
    known.stamp.shape == stamp.shape && now() - known.end < known.duration * Self.rest
  }

  private func begin(
    _ thing: UUID, _ stamp: Stamp, _ make: @escaping @Sendable () async throws -> Value
  ) -> Making {
    begun += 1
    let making = Making(stamp, number: begun)
    makings[thing] = making
    let start = now()
    Task {
      let result: Result<Value, any Error>
      do { result = .success(try await make()) } catch { result = .failure(error) }
      end(making, of: thing, result, since: start)
    }
    return making
  }

  private func end(
    _ making: Making, of thing: UUID, _ result: Result<Value, any Error>, since start: ContinuousClock.Instant
  ) {
    makings[thing] = nil
    if case .success(let value) = result {
      clock += 1
      let end = now()
      made[thing] = Made(
        stamp: making.stamp, value: value, end: end, duration: end - start, used: clock)
      if made.count > limit, let oldest = made.min(by: { $0.value.used < $1.value.used }) {
        made[oldest.key] = nil
      }
    }
    making.end(with: result)
  }
}
