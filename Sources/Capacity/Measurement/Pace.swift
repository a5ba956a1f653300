/// How often something is done for people to see that takes time from what they wait for: so that it takes a hundredth of it.
package struct Pace: Sendable {
  private var next: ContinuousClock.Instant?

  /// It is due at once.
  package init() {}

  /// Does it if it is due; nil where it is not.
  package mutating func perform<R>(_ body: () -> R) -> R? {
    let begun = ContinuousClock.now
    if let next, begun < next { return nil }
    let result = body()
    let end = ContinuousClock.now
    next = end.advanced(by: begun.duration(to: end) * 100)
    return result
  }
}
