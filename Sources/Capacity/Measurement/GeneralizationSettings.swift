import Datasets

/// How networks are tested after the search: a few are trained at one size, with the measured procedure.
package struct GeneralizationSettings: Sendable, Hashable {
  /// The size of their training sets.
  package var samples: Int
  /// How many are trained, each with a draw and a start of its own.
  package var networks: Int
  /// Samples of the test split that each is tested on.
  package var testSamples: Int

  /// Their replicates begin here: they share no draw with the search's probes.
  static let firstReplicate = 1 << 21

  /// Test samples of generated data, which have no end.
  private static let generatedTestSamples = 10_000

  /// Networks of one size.
  package init(samples: Int, networks: Int = 4, testSamples: Int) {
    self.samples = samples
    self.networks = networks
    self.testSamples = testSamples
  }

  /// Reads `generalization`; nil where there is none.
  ///
  /// - Parameters:
  ///   - facts: what ranges are held against; nil where they have been.
  ///   - sampleLimit: the most samples that can be drawn.
  init?(reading reader: ObjectReader, facts: DatasetFacts?, sampleLimit: Int?) {
    guard reader.has("generalization") else {
      _ = reader.value("generalization")
      return nil
    }
    let inner = reader.object("generalization")
    let available = facts.map { $0.testSamples ?? Self.generatedTestSamples } ?? .max
    samples = inner.integer("samples", in: 1...max(1, sampleLimit ?? .max))
    networks = inner.integer("networks", in: 2...1000, default: 4)
    if available == 0 {
      inner.faultInObject(
        allowed: "a data set with test samples, such as one with a test_fraction",
        "needs a test split, and this data set has none")
    }
    let most = facts.map { $0.testSamples ?? $0.trainingSamples } ?? .max
    testSamples = inner.optionalInteger("test_samples", in: 1...max(1, most)) ?? available
    inner.finish()
  }

  /// Notes test samples that memory doesn't hold beside the training of any one of these experiments.
  func check(_ experiments: [Experiment], of form: DataForm, memoryLimit: Int, _ faults: FaultCollector) {
    guard !faults.concerns("/generalization") else { return }
    let needed =
      experiments.map { experiment in
        var tested = experiment
        tested.data.testSamples = testSamples
        return Footprint(admitted: tested, of: form, samples: samples).memory.peak
      }.max() ?? 0
    guard needed > memoryLimit else { return }
    faults.add(
      "/generalization/test_samples", .integer(testSamples),
      allowed: "fewer, or a larger --memory-limit than \(memoryLimit >> 20) MiB",
      "needs about \(needed >> 20) MiB with the training of \(Summary.samples(samples))")
  }

  var json: JSONValue {
    .object([
      "samples": .integer(samples), "networks": .integer(networks), "test_samples": .integer(testSamples),
    ])
  }

  /// The places of its probes, with the longest guard that the search has had.
  func addresses(doublings: Int) -> [ProbeAddress] {
    (0..<networks).map {
      ProbeAddress(
        samples: samples, replicate: Self.firstReplicate + $0, doublings: doublings, kind: .generalization)
    }
  }
}

extension ProbeKind {
  /// What is done at a replicate's place, where training is all that is known of it.
  package init(trainingOf replicate: Int) {
    self = replicate >= GeneralizationSettings.firstReplicate ? .generalization : .training
  }
}
