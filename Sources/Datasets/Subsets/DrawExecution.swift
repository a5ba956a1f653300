import Compute
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
    of count: Int, width: Int, _ body: @Sendable (Range<Int>) -> Void
  ) throws(DatasetError) {
    let step = max(1, Self.valuesBetweenPolls / max(1, width))
    let next = Atomic(0)
    let isCalledOff = Atomic(false)
    onThreads(min(threads, count, count * width / Self.valuesWorthAThread), named: "emc draw") {
      while !isCalledOff.load(ordering: .relaxed) {
        if shouldStop() { return isCalledOff.store(true, ordering: .relaxed) }
        let start = next.add(step, ordering: .relaxed).oldValue
        guard start < count else { return }
        body(start..<min(count, start + step))
      }
    }
    if isCalledOff.load(ordering: .relaxed) { throw .interrupted }
  }
}
