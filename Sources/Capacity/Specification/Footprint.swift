import Compute
import Networks
import Training

/// What a network is and what training it takes, without training it.
package struct Footprint: Sendable {
  /// The layer table.
  package let layers: [LayerSummary]
  /// Parameters of the network.
  package let networkParameters: Int
  /// P, the number of trainable parameters: those of the network, or the dimension of the random subspace.
  package let parameterCount: Int
  /// Operations of the matrix products of one training step, a sample.
  package let flopsPerSample: Int
  /// Whether a step's statistics depend on its batch.
  package let normalizesBatches: Bool
  /// Whether a step drops activations at random.
  package let hasDropout: Bool
  /// Bytes that a probe of `samples` samples takes.
  package let memory: TrainingMemory
  /// The size that `memory` is that of.
  package let samples: Int

  /// The footprint of probes of `samples` samples of data of a form.
  ///
  /// - Throws: `ArchitectureError` when the network can't be built on the data.
  package init(_ experiment: Experiment, of form: DataForm, samples: Int) throws(ArchitectureError) {
    switch experiment.training.precision {
    case .single: try self.init(experiment, form, samples, in: Float.self)
    case .double: try self.init(experiment, form, samples, in: Double.self)
    }
  }

  /// The same for an experiment that was admitted on data of this form: its network can be built.
  init(admitted experiment: Experiment, of form: DataForm, samples: Int) {
    do {
      try self.init(experiment, of: form, samples: samples)
    } catch {
      preconditionFailure("a network that was admitted can't be built: \(error)")
    }
  }

  /// The largest size up to `limit` at which probes of each of these experiments take at most so many bytes; nil where
  /// that is `limit` itself, 0 where not even one sample does. Where the measurement `verifies`, its failures'
  /// verification has to fit too.
  static func largestSize(
    _ experiments: [Experiment], of form: DataForm, upTo limit: Int, within bytes: Int, verifies: Bool
  ) -> Int? {
    experiments.reduce(nil) { largest, experiment in
      largestSize(experiment, of: form, upTo: largest ?? limit, within: bytes, verifies: verifies) ?? largest
    }
  }

  /// The fault of a measurement that verifies failures which memory doesn't hold of a single sample.
  static func unverifiable(
    _ experiments: [Experiment], of form: DataForm, probes: Int, within bytes: Int
  ) -> SpecificationFault {
    let needed =
      experiments.map { Footprint(admitted: $0, of: form, samples: 1).memory.verifiedPeak }.max() ?? 0
    return SpecificationFault(
      pointer: "/search/verification/probes", value: .integer(probes),
      allowed: "0, a smaller model, or a larger --memory-limit than \(bytes >> 20) MiB",
      detail: "needs about \(needed >> 20) MiB to verify the failure of a single sample")
  }

  private static func largestSize(
    _ experiment: Experiment, of form: DataForm, upTo limit: Int, within bytes: Int, verifies: Bool
  ) -> Int? {
    let fits = { (samples: Int) in
      let memory = Footprint(admitted: experiment, of: form, samples: samples).memory
      return (verifies ? memory.verifiedPeak : memory.peak) <= bytes
    }
    if limit == 0 || fits(limit) { return nil }
    var (lower, upper) = (0, limit)
    while upper - lower > 1 {
      let middle = lower + (upper - lower) / 2
      if fits(middle) { lower = middle } else { upper = middle }
    }
    return lower
  }

  private init<S: Scalar>(
    _ experiment: Experiment, _ form: DataForm, _ samples: Int, in precision: S.Type
  ) throws(ArchitectureError) {
    let data = experiment.data
    let network = try Network<S>(
      experiment.model.architecture, input: form.shape, classes: data.classCount(of: form.classes)
    )
    layers = network.layers
    networkParameters = network.parameterCount
    if case .subspace(let dimension) = experiment.training.reparameterization {
      parameterCount = dimension
    } else {
      parameterCount = network.parameterCount
    }
    flopsPerSample = network.productFlopsPerSample
    normalizesBatches = network.hasStatistics
    hasDropout = network.hasDropout
    var memory = try TrainingMemory(
      network: network, procedure: experiment.training, samples: samples, testSamples: data.testSamples)
    // The drawn subset is in single precision and stays beside the one that is trained on.
    if experiment.training.precision == .double {
      let bytesPerSample = network.input.count * MemoryLayout<Float>.stride
      memory.data += ResidentRows.count(of: samples, width: network.input.count) * bytesPerSample
      memory.test += data.testSamples * bytesPerSample
    }
    self.memory = memory
    self.samples = samples
  }

  /// The description as `emc describe` shows it.
  package var json: JSONValue {
    .object([
      "parameter_count": .integer(parameterCount),
      "network_parameters": .integer(networkParameters),
      "flops_per_sample": .integer(flopsPerSample),
      "layers": .array(layers.map(\.json)),
      "memory": .object([
        "samples": .integer(samples), "data": .integer(memory.data),
        "parameters": .integer(memory.parameters),
        "optimizer": .integer(memory.optimizer), "workspaces": .integer(memory.workspaces),
        "training": .integer(memory.training),
        "verification": .integer(memory.verification), "finish": .integer(memory.finish),
        "failure_verification": .integer(memory.failureVerification), "test": .integer(memory.test),
        "peak": .integer(memory.peak),
      ]),
    ])
  }
}

extension LayerSummary {
  var json: JSONValue {
    .object([
      "name": .string(name), "kind": .string(kind), "output": .array(output.map(JSONValue.integer)),
      "parameters": .integer(parameterCount), "product_flops": .integer(productFlops),
    ])
  }
}
