/// What the networks that were trained after the search get right of samples that they haven't seen.
package struct Generalization: Sendable, Hashable {
  /// What one network gets right.
  package struct Accuracies: Sendable, Hashable {
    /// Of its training set.
    package let training: Double
    /// Of the test samples.
    package let test: Double

    /// Two shares.
    package init(training: Double, test: Double) {
      self.training = training
      self.test = test
    }
  }

  /// A mean over networks, with its interval.
  package struct Mean: Sendable, Hashable {
    /// The mean.
    package let value: Double
    /// Its interval.
    package let lower: Double
    package let upper: Double
  }

  /// What was asked for.
  package let settings: GeneralizationSettings
  /// How many networks there are so far.
  package let networks: Int
  /// The share of test samples that is right.
  package let testAccuracy: Mean
  /// The share of training samples that is right.
  package let trainingAccuracy: Mean
  /// Training accuracy less test accuracy.
  package let gap: Mean
  private let level: Double

  /// What the networks tell; nil of fewer than two.
  ///
  /// The intervals are Student's over networks, widened by what the choice of test samples, which all networks share, lets the
  /// mean vary: √(s² / k + p (1 − p) / m) for k networks with deviation s, a mean test accuracy p and m test samples.
  package init?(_ accuracies: [Accuracies], settings: GeneralizationSettings, level: Double) {
    guard accuracies.count >= 2 else { return nil }
    self.settings = settings
    self.level = level
    networks = accuracies.count
    let test = accuracies.map(\.test)
    let share = test.reduce(0, +) / Double(test.count)
    let choice = share * (1 - share) / Double(settings.testSamples)
    testAccuracy = Self.mean(test, choice, level, 0...1)
    trainingAccuracy = Self.mean(accuracies.map(\.training), 0, level, 0...1)
    gap = Self.mean(accuracies.map { $0.training - $0.test }, choice, level, -1...1)
  }

  private static func mean(
    _ values: [Double], _ choice: Double, _ level: Double, _ range: ClosedRange<Double>
  ) -> Mean {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let half =
      StudentDistribution(degrees: values.count - 1).quantile((1 + level) / 2)
      * (variance / count + choice).squareRoot()
    return Mean(
      value: mean, lower: max(range.lowerBound, mean - half), upper: min(range.upperBound, mean + half))
  }

  var json: JSONValue {
    .object([
      "samples": .integer(settings.samples), "networks": .integer(networks),
      "test_samples": .integer(settings.testSamples), "test_accuracy": json(testAccuracy),
      "training_accuracy": json(trainingAccuracy), "gap": json(gap),
    ])
  }

  private func json(_ mean: Mean) -> JSONValue {
    .object([
      "value": .number(mean.value),
      "interval": .object([
        "level": .number(level), "lower": .number(mean.lower), "upper": .number(mean.upper),
      ]),
    ])
  }
}
