/// What a trained network makes of samples that it was not trained on.
public struct TestReport: Sendable, Hashable {
  /// How many there were.
  public var samples: Int
  /// Samples whose own logit is strictly the largest, as a fraction of all.
  public var accuracy: Double
  /// The mean cross-entropy.
  public var loss: Double
}
