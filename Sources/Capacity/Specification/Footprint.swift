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

  /// The footprint of probes of `samples` samples.
  ///
  /// - Throws: `ArchitectureError` when the network can't be built on the data.
  package init(_ experiment: Experiment, samples: Int) throws(ArchitectureError) {
    switch experiment.training.precision {
    case .single: try self.init(experiment, samples, of: Float.self)
    case .double: try self.init(experiment, samples, of: Double.self)
    }
  }

  private init<S: Scalar>(_ experiment: Experiment, _ samples: Int, of: S.Type) throws(ArchitectureError) {
    let data = experiment.data
    let network = try Network<S>(
      experiment.model.architecture, input: InputShape(data.dataset.facts.shape),
      classes: data.classCount(of: data.dataset.facts.classes))
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
      memory.data += samples * bytesPerSample
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
        "verification": .integer(memory.verification), "test": .integer(memory.test),
        "peak": .integer(memory.peak),
      ]),
    ])
  }
}

extension LayerSummary {
  var json: JSONValue {
    .object([
      "name": .string(name), "kind": .string(kind), "output": .array(output.sizes.map(JSONValue.integer)),
      "parameters": .integer(parameterCount), "product_flops": .integer(productFlops),
    ])
  }
}

extension InputShape {
  /// Sizes from the outside in: one for a vector; height, width and channels for an image.
  fileprivate var sizes: [Int] {
    switch self {
    case .features(let count): [count]
    case .image(let height, let width, let channels): [height, width, channels]
    }
  }
}
