import Compute

/// What a user asks for: the kind of network and its sizes. Values only; `Network` builds it.
package enum Architecture: Sendable, Hashable {
  /// One linear layer: logistic regression.
  case linear
  /// Linear layers with activations between them.
  case mlp(MultilayerPerceptron)
  /// Convolutions with pooling, then linear layers.
  case cnn(ConvolutionalNetwork)
  /// Residual blocks of convolutions with batch norm.
  case resnet(ResidualNetwork)
  /// Patches as tokens, attention among them.
  case vit(VisionTransformer)
  /// Inverted bottlenecks with depthwise convolutions and squeeze-and-excitation.
  case efficientnet(EfficientNetwork)
  /// Any list of layers.
  case sequential(SequentialNetwork)
}

/// Why a network can't be built.
package enum ArchitectureError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A field of the architecture makes no sense, in itself or with the data.
  case invalid(field: String, reason: String)
  /// More parameters, or elements in one activation, than 31 bits count.
  case tooLarge

  /// What is wrong, as a sentence.
  package var description: String {
    switch self {
    case .invalid(let field, let reason): "\(field): \(reason)"
    case .tooLarge: "the network has more than \(Int32.max) parameters, or as many elements in one activation"
    }
  }
}

extension Architecture {
  /// The list of layers that it stands for; refuses sizes that make no sense in themselves.
  package func sequential() throws(ArchitectureError) -> SequentialNetwork {
    switch self {
    case .linear: try MultilayerPerceptron(hidden: []).sequential()
    case .mlp(let perceptron): try perceptron.sequential()
    case .cnn(let network): try network.sequential()
    case .resnet(let network): try network.sequential()
    case .vit(let transformer): try transformer.sequential()
    case .efficientnet(let network): try network.sequential()
    case .sequential(let network): network
    }
  }

  /// The layers from a sample to its logits.
  func layers<S: Scalar>(
    _ builder: LayerBuilder<S>, input: SampleShape, classes: Int
  ) throws(ArchitectureError) -> Chain<S> {
    let network = try sequential()
    if let fault = network.faults(on: input).first {
      throw .invalid(
        field: fault.field.map { fault.option == "kind" ? "kind" : $0 } ?? fault.path, reason: fault.reason)
    }
    var chain = ChainBuilder(builder)
    var compiler = LayerCompiler(builder, from: LayerFlow(input), prefix: "layers.")
    try compiler.append(network.layers, to: &chain)
    try chain.append(
      Linear(builder, name: network.outputName, input: compiler.shape, outputs: classes, isOutput: true))
    return try chain.finish()
  }
}
