import Foundation
import Synchronization

/// How a draw is carried out: on how many threads, and who may call it off. What is drawn depends on neither.
public struct DrawExecution: Sendable {
  /// Threads that write samples, the caller's among them; the others have its priority.
  public var threads: Int
  /// Polled every few milliseconds; true ends the draw with `DatasetError.interrupted`.
  public var shouldStop: @Sendable () -> Bool

  /// A draw on the caller's thread alone, to its end, unless told otherwise.
  public init(threads: Int = 1, shouldStop: @escaping @Sendable () -> Bool = { false }) {
    precondition(threads > 0, "a draw needs a thread")
    self.threads = threads
    self.shouldStop = shouldStop
  }

  /// Values that are written between two looks at the flag: some milliseconds of the slowest source.
  private static let valuesBetweenPolls = 1 << 16
  /// Values below which a second thread costs more than it brings.
  private static let valuesWorthAThread = 1 << 21

  /// Throws `interrupted` where the draw is called off.
  package func poll() throws(DatasetError) {
    if shouldStop() { throw .interrupted }
  }

  /// Calls `body` with ranges of rows that together are 0 ..< `count`, each once, on several threads where there is
  /// enough to do. Between the ranges the flag is polled.
  ///
  /// - Parameter width: values in a row.
  package func forEachRange(
    of count: Int, width: Int, _ body: @escaping @Sendable (Range<Int>) -> Void
  ) throws(DatasetError) {
    let rows = max(1, Self.valuesBetweenPolls / max(1, width))
    let work = RangeWork(count: count, step: rows, body: body, shouldStop: shouldStop)
    let helpers = min(threads, count, count * width / Self.valuesWorthAThread) - 1
    let group = DispatchGroup()
    if helpers > 0 {
      for _ in 0..<helpers {
        group.enter()
        // A thread begins with the priority of the one that starts it, which is what the caller asked for.
        let thread = Thread {
          work.run()
          group.leave()
        }
        thread.name = "emc draw"
        thread.start()
      }
    }
    work.run()
    group.wait()
    if work.isCalledOff { throw .interrupted }
  }
}

/// Ranges of rows that threads take one after another.
private final class RangeWork: Sendable {
  private let count: Int
  private let step: Int
  private let body: @Sendable (Range<Int>) -> Void
  private let shouldStop: @Sendable () -> Bool
  private let next = Atomic(0)
  private let stopped = Atomic(false)

  var isCalledOff: Bool { stopped.load(ordering: .relaxed) }

  init(
    count: Int, step: Int, body: @escaping @Sendable (Range<Int>) -> Void,
    shouldStop: @escaping @Sendable () -> Bool
  ) {
    (self.count, self.step, self.body, self.shouldStop) = (count, step, body, shouldStop)
  }

  func run() {
    while !isCalledOff {
      if shouldStop() { return stopped.store(true, ordering: .relaxed) }
      let start = next.add(step, ordering: .relaxed).oldValue
      guard start < count else { return }
      body(start..<min(count, start + step))
    }
  }
}
