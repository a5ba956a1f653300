/// (3×3 convolution with padding 1, [norm], activation, 2×2 pooling) per channel count, flatten, (linear, activation, dropout)
/// per hidden width, linear.
package struct ConvolutionalNetwork: Sendable, Hashable {
  /// The convolutions' outputs, from the image on.
  package var channels: [Int]
  /// The widths of the linear layers before the last.
  package var hidden: [Int]
  /// After every layer but the last.
  package var activation: Activation
  /// Between every convolution and its activation.
  package var normalization: Normalization
  /// After every convolution.
  package var pooling: PoolingKind
  /// The probability with which a hidden linear unit is dropped in training, in [0, 1).
  package var dropout: Double
  /// The image's sides are multiplied by this before the first layer sees it, by interpolation.
  package var resolution: Double

  /// No hidden linear layer, ReLU, no normalisation, max pooling, no dropout and the image as it is, unless said.
  package init(
    channels: [Int], hidden: [Int] = [], activation: Activation = .relu, normalization: Normalization = .none,
    pooling: PoolingKind = .max, dropout: Double = 0, resolution: Double = 1
  ) {
    self.channels = channels
    self.hidden = hidden
    self.activation = activation
    self.normalization = normalization
    self.pooling = pooling
    self.dropout = dropout
    self.resolution = resolution
  }

  func sequential() throws(ArchitectureError) -> SequentialNetwork {
    var layers = try [LayerSpecification](resizingBy: resolution)
    for (number, outputs) in channels.enumerated() {
      guard outputs > 0 else {
        throw .invalid(field: "channels/\(number)", reason: "a convolution has at least one output")
      }
      layers.append(
        LayerSpecification(
          .convolution(ConvolutionOptions(channels: outputs, kernel: 3, bias: normalization == .none)),
          name: "conv.\(number)", field: "channels"))
      layers += normalization.layers(number)
      layers.append(LayerSpecification(.activation(activation), name: activation.rawValue))
      layers.append(
        LayerSpecification(.pool(pooling, WindowOptions(size: 2)), name: "pool.\(number)", field: "channels"))
    }
    let head = try MultilayerPerceptron(hidden: hidden, activation: activation, dropout: dropout).sequential()
    return SequentialNetwork(layers + head.layers, outputName: head.outputName)
  }
}

extension [LayerSpecification] {
  /// The resizing of an image at the front of a network, where `resolution` asks for it.
  init(resizingBy resolution: Double) throws(ArchitectureError) {
    guard (1.0 / 16...16).contains(resolution) else {
      throw .invalid(field: "resolution", reason: "from 0.0625 to 16")
    }
    self = [LayerSpecification(.resize(resolution: resolution), name: "resize", field: "resolution")]
  }
}
