/// What a trained network makes of samples that it was not trained on.
package struct TestReport: Sendable, Hashable {
  /// How many there were.
  package var samples: Int
  /// Samples whose own logit is strictly the largest, as a fraction of all.
  package var accuracy: Double
  /// The mean cross-entropy.
  package var loss: Double
}
