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
  /// The layers from a sample to its logits.
  func layers<S: Scalar>(
    _ builder: LayerBuilder<S>, input: InputShape, classes: Int
  ) throws(ArchitectureError) -> Chain<S> {
    var chain = ChainBuilder(builder)
    switch self {
    case .linear:
      try MultilayerPerceptron(hidden: []).append(to: &chain, builder, input: input, classes: classes)
    case .mlp(let perceptron):
      try perceptron.append(to: &chain, builder, input: input, classes: classes)
    case .cnn(let network):
      try network.append(to: &chain, builder, input: input, classes: classes)
    case .resnet(let network):
      try network.append(to: &chain, builder, input: input, classes: classes)
    case .vit(let transformer):
      try transformer.append(to: &chain, builder, input: input, classes: classes)
    case .efficientnet(let network):
      try network.append(to: &chain, builder, input: input, classes: classes)
    }
    return try chain.finish()
  }
}
