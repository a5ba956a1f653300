/// Waiting times between attempts: they double up to a limit, and each is drawn uniformly from half of the
/// time to the whole, so that many clients of a server that comes back don't arrive together.
struct Backoff: Sendable {
  private var ceiling: Duration
  private let limit: Duration
  private let first: Duration

  /// The first wait is at most `first`, no wait is above `limit`.
  init(first: Duration = .milliseconds(50), limit: Duration = .seconds(2)) {
    self.first = first
    self.limit = limit
    ceiling = first
  }

  /// The time to wait before the next attempt.
  mutating func next() -> Duration {
    let wait = ceiling * Double.random(in: 0.5...1)
    ceiling = min(ceiling * 2, limit)
    return wait
  }

  /// Begins again with the first wait, after a success.
  mutating func reset() { ceiling = first }
}
