/// The time that a kind of work has taken, for benchmarks; counts nothing until it is started. Belongs to one thread
/// at a time.
final class Stopwatch {
  private var isStarted = false
  private(set) var total = Duration.zero

  func start() { isStarted = true }

  func time<Result>(_ work: () -> Result) -> Result {
    guard isStarted else { return work() }
    let began = ContinuousClock.now
    defer { total += ContinuousClock.now - began }
    return work()
  }
}
