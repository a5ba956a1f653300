import Compute

/// The immutable description of a network: its layers, and where each parameter lies in the flat vector.
package final class Network<S: Scalar>: Sendable {
  /// What was asked for.
  package let architecture: Architecture
  /// The shape of a sample.
  package let input: SampleShape
  /// The number of logits.
  package let classes: Int
  /// The flat vector's length.
  package let parameterCount: Int
  /// The parameters by name, in the order of the flat vector.
  package let tensors: [ParameterTensor]
  /// The layer table.
  package let layers: [LayerSummary]
  /// Whether evaluation needs statistics that are gathered over the training set.
  package let hasStatistics: Bool
  /// Whether training drops activations at random.
  package let hasDropout: Bool
  /// Layers whose activation has a kink.
  package let kinkCount: Int
  /// Whether the first layer is a product with whole samples, which their sparse form may make quicker.
  package let readsSparseRows: Bool

  /// Lays the network out; refuses what can't be built for these inputs and classes.
  package init(_ architecture: Architecture, input: SampleShape, classes: Int) throws(ArchitectureError) {
    guard classes >= 2 else { throw .invalid(field: "classes", reason: "at least two classes") }
    guard input.count > 0 else { throw .invalid(field: "input", reason: "a sample has at least one number") }
    let builder = LayerBuilder<S>(capacity: 1, secondOrder: true)
    let layers = try architecture.layers(builder, input: input, classes: classes)
    readsSparseRows = layers.readsSparseRows
    self.architecture = architecture
    self.input = input
    self.classes = classes
    parameterCount = builder.parameterCount
    tensors = builder.tensors
    self.layers = builder.summaries
    hasStatistics = builder.statisticsCount > 0
    hasDropout = builder.dropoutCount > 0
    kinkCount = builder.kinkCount
  }

  /// Matrix-product operations of one training step a sample: forward, parameters' gradients, inputs' gradients.
  package var productFlopsPerSample: Int {
    layers.reduce(0) { $0 + 2 * $1.productFlops + $1.inputGradientFlops }
  }

  /// The largest fan_in of the weights before the last layer; of a network of one layer that layer's.
  package var largestFanIn: Int {
    let weights = tensors.filter { $0.role == .weight }
    let hidden = weights.filter { !$0.isOutput }
    return (hidden.isEmpty ? weights : hidden).map(\.fanIn).max() ?? 1
  }

  /// The tensor of that name.
  package func tensor(named name: String) -> ParameterTensor? {
    tensors.first { $0.name == name }
  }

  /// Writes a tensor's values, in PyTorch's order, into the flat vector. The name must exist.
  package func importTensor(named name: String, values: [S], into parameters: UnsafeMutablePointer<S>) {
    guard let tensor = tensor(named: name) else { preconditionFailure("no tensor \(name)") }
    tensor.store(values, into: parameters)
  }

  /// A tensor's values, in PyTorch's order. The name must exist.
  package func exportTensor(named name: String, from parameters: UnsafePointer<S>) -> [S] {
    guard let tensor = tensor(named: name) else { preconditionFailure("no tensor \(name)") }
    return tensor.load(from: parameters)
  }

  /// Writes the parameters that training starts from: tensor i from its own stream of
  /// (seed, initialization, samples, replicate, i).
  package func initialize(
    _ parameters: UnsafeMutablePointer<S>, _ initialization: Initialization = Initialization(), seed: UInt64,
    samples: Int, replicate: Int
  ) {
    for (i, tensor) in tensors.enumerated() {
      var stream = RandomStream(
        seed: seed, purpose: .initialization, samples: samples, replicate: replicate, index: i)
      tensor.store(initialization.values(of: tensor, stream: &stream), into: parameters)
    }
  }

  /// One thread's memory for batches of at most `capacity` samples; with `secondOrder`, for their Hessian too.
  package func makeWorkspace(capacity: Int, secondOrder: Bool = false) -> Workspace<S> {
    Workspace(self, capacity: capacity, secondOrder: secondOrder)
  }

  /// The bytes that such a workspace takes.
  package func workspaceBytes(capacity: Int, secondOrder: Bool = false) -> Int {
    let (builder, _) = build(capacity: capacity, secondOrder: secondOrder)
    let sizes = Workspace<S>.Sizes(builder, network: self)
    return sizes.total * S.bytes
  }

  /// The layers for one capacity, with the memory that they asked for.
  func build(capacity: Int, secondOrder: Bool) -> (LayerBuilder<S>, Chain<S>) {
    precondition(capacity > 0, "a batch has a sample")
    let builder = LayerBuilder<S>(capacity: capacity, secondOrder: secondOrder)
    do {
      return (builder, try architecture.layers(builder, input: input, classes: classes))
    } catch {
      // The same layers were built when the network was made.
      preconditionFailure("\(error)")
    }
  }
}
