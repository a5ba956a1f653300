import Compute

extension EfficientNetwork {
  func append<S: Scalar>(
    to chain: inout ChainBuilder<S>, _ builder: LayerBuilder<S>, input: InputShape, classes: Int
  ) throws(ArchitectureError) {
    try validate()
    let image = try chain.appendResizing(of: input, by: resolution, builder)
    let stemConvolution = try Convolution(
      builder, name: "conv", input: image, outputs: stem, kernel: 3, stride: stemStride, padding: 1,
      hasBias: false)
    try chain.append(stemConvolution)
    var shape = stemConvolution.outputShape
    try chain.append(BatchNormalization(builder, name: "bn", shape: shape, activation: activation))
    var number = 0
    for stage in stages {
      for block in 0..<stage.repeats {
        let stride = block == 0 ? stage.stride : 1
        let inner = try bottleneck(builder, "blocks.\(number)", shape, stage, stride)
        if inner.outputShape == shape {
          try chain.append(IdentityShortcut(inner))
        } else {
          try chain.append(inner)
        }
        shape = inner.outputShape
        number += 1
      }
    }
    shape = try appendPointwise(to: &chain, builder, "head", shape, head, activation)
    let pool = GlobalAveragePool(builder, shape: shape)
    try chain.append(pool)
    if dropout != 0 {
      try chain.append(Dropout(builder, shape: pool.outputShape, probability: dropout))
    }
    try chain.append(Linear(builder, name: "fc", input: pool.outputShape, outputs: classes, isOutput: true))
  }

  /// Expand, depthwise convolution, squeeze-and-excitation, project; a norm after each convolution.
  private func bottleneck<S: Scalar>(
    _ builder: LayerBuilder<S>, _ name: String, _ input: InputShape, _ stage: Stage, _ stride: Int
  ) throws(ArchitectureError) -> Chain<S> {
    var chain = ChainBuilder(builder)
    var shape = input
    if stage.expansion > 1 {
      let (inside, overflow) = input.channels.multipliedReportingOverflow(by: stage.expansion)
      guard !overflow else { throw .tooLarge }
      shape = try appendPointwise(to: &chain, builder, "\(name).expand", shape, inside, activation)
    }
    let depthwise = try DepthwiseConvolution(
      builder, name: "\(name).depthwise", input: shape, taps: stage.kernel, stride: stride)
    try chain.append(depthwise)
    shape = depthwise.outputShape
    try chain.append(
      BatchNormalization(builder, name: "\(name).depthwise_bn", shape: shape, activation: activation))
    // The squeeze is to a quarter of the channels that came into the block.
    try chain.append(
      SqueezeExcitation(
        builder, name: "\(name).se", input: shape, squeezed: max(1, input.channels / 4),
        activation: activation))
    _ = try appendPointwise(to: &chain, builder, "\(name).project", shape, stage.channels, .identity)
    return try chain.finish()
  }

  /// A 1 × 1 convolution without bias, a norm and an activation; the shape that comes out.
  private func appendPointwise<S: Scalar>(
    to chain: inout ChainBuilder<S>, _ builder: LayerBuilder<S>, _ name: String, _ input: InputShape,
    _ outputs: Int, _ activation: Activation
  ) throws(ArchitectureError) -> InputShape {
    let product = try Linear(
      builder, name: name, atPlacesOf: input, outputs: outputs, shape: [outputs, input.channels, 1, 1],
      hasBias: false)
    try chain.append(product)
    try chain.append(
      BatchNormalization(
        builder, name: "\(name)_bn", shape: product.outputShape, activation: activation))
    return product.outputShape
  }
}
