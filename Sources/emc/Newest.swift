/// What threads report of a growing number of probes: of two that come in the wrong order, the one that counts more is kept.
struct Newest<Value> {
  private(set) var value: Value
  private var count = 0

  /// What is known before anybody has reported.
  init(_ value: Value) { self.value = value }

  /// A report about so many probes.
  mutating func take(_ value: Value, count: Int) {
    guard count >= self.count else { return }
    (self.value, self.count) = (value, count)
  }
}
