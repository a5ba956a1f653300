/// The learning rate at the start, before the schedule.
package enum LearningRate: Sendable, Hashable, Codable {
  /// A given rate, above 0.
  case fixed(Double)
  /// The rate that a short range test finds; see `RangeTest`.
  case automatic
}

/// How many samples make a step.
package enum BatchSize: Sendable, Hashable, Codable {
  /// Minibatches of at most this size; see `LastBatch`.
  case size(Int)
  /// All samples.
  case full
}
