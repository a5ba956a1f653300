import Compute

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

  func append<S: Scalar>(
    to chain: inout ChainBuilder<S>, _ builder: LayerBuilder<S>, input: InputShape, classes: Int
  ) throws(ArchitectureError) {
    var shape = try chain.appendResizing(of: input, by: resolution, builder)
    for (number, outputs) in channels.enumerated() {
      guard outputs > 0 else {
        throw .invalid(field: "channels/\(number)", reason: "a convolution has at least one output")
      }
      let isPlain = normalization == .none
      let isFused = isPlain && pooling == .max
      let convolution = try Convolution(
        builder, name: "conv.\(number)", input: shape, outputs: outputs, kernel: 3, padding: 1,
        hasBias: isPlain, activation: isPlain ? activation : .identity, window: isFused ? 2 : 1)
      try chain.append(convolution)
      shape = convolution.outputShape
      try normalization.append(
        to: &chain, builder, name: "norm.\(number)", shape: shape, activation: activation)
      if !isFused { shape = try appendPooling(to: &chain, builder, shape) }
    }
    let head = MultilayerPerceptron(hidden: hidden, activation: activation, dropout: dropout)
    try head.append(to: &chain, builder, input: shape, classes: classes)
  }

  private func appendPooling<S: Scalar>(
    to chain: inout ChainBuilder<S>, _ builder: LayerBuilder<S>, _ shape: InputShape
  ) throws(ArchitectureError) -> InputShape {
    switch pooling {
    case .max:
      let pool = try MaximumPooling(builder, input: shape, window: 2)
      try chain.append(pool)
      return pool.outputShape
    case .average:
      let pool = try AveragePooling<S>(input: shape, window: 2)
      try chain.append(pool)
      return pool.outputShape
    }
  }
}
