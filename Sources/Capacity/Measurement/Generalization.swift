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
  /// The intervals are Student's over networks, widened by what the choice of samples lets the mean vary: √(s² / k + p (1 − p) / m)
  /// for k networks with deviation s and m test samples, which all networks share, or k training sets' samples. p is the mean
  /// accuracy with one sample more that is right and one that is wrong (Laplace): that all of few are right doesn't say that all of
  /// many would be.
  package init?(_ accuracies: [Accuracies], settings: GeneralizationSettings, level: Double) {
    guard accuracies.count >= 2 else { return nil }
    self.settings = settings
    self.level = level
    networks = accuracies.count
    let (training, test) = (accuracies.map(\.training), accuracies.map(\.test))
    let ofTest = Self.choice(test, of: settings.testSamples)
    let ofTraining = Self.choice(training, of: settings.samples * accuracies.count)
    testAccuracy = Self.mean(test, ofTest, level, 0...1)
    trainingAccuracy = Self.mean(training, ofTraining, level, 0...1)
    gap = Self.mean(accuracies.map { $0.training - $0.test }, ofTest + ofTraining, level, -1...1)
  }

  /// The variance that the choice of so many samples gives a mean of shares.
  private static func choice(_ shares: [Double], of samples: Int) -> Double {
    let count = Double(samples)
    let share = (count * shares.reduce(0, +) / Double(shares.count) + 1) / (count + 2)
    return share * (1 - share) / count
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
