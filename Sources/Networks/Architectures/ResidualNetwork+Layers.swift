import Compute

extension ResidualNetwork {
  func append<S: Scalar>(
    to chain: inout ChainBuilder<S>, _ builder: LayerBuilder<S>, input: InputShape, classes: Int
  ) throws(ArchitectureError) {
    try validate()
    let image = try chain.appendResizing(of: input, by: resolution, builder)
    let stemConvolution = try Convolution(
      builder, name: "conv", input: image, outputs: stem, kernel: 3, padding: 1, hasBias: false)
    try chain.append(stemConvolution)
    var shape = stemConvolution.outputShape
    try chain.append(BatchNormalization(builder, name: "bn", shape: shape, activation: activation))
    var number = 0
    for (stage, channels) in stages.enumerated() {
      for block in 0..<blocks[stage] {
        let layer = try ResidualBlock(
          builder, name: "blocks.\(number)", input: shape, outputs: channels,
          stride: block == 0 && stage > 0 ? 2 : 1, activation: activation)
        try chain.append(layer)
        shape = layer.outputShape
        number += 1
      }
    }
    let pool = GlobalAveragePool(builder, shape: shape)
    try chain.append(pool)
    try chain.append(Linear(builder, name: "fc", input: pool.outputShape, outputs: classes, isOutput: true))
  }
}
