import Compute

/// A vision transformer (Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021): patches with a class token and
/// learned positions, pre-norm blocks, a final layer norm, and a linear layer on the class token.
package struct VisionTransformer: Sendable, Hashable {
  /// The side of a patch, in pixels.
  package var patch: Int
  /// Channels of a token.
  package var width: Int
  /// Blocks.
  package var depth: Int
  /// Attention heads, which share the width.
  package var heads: Int
  /// Hidden units of a block's perceptron.
  package var mlpWidth: Int
  /// In the perceptrons.
  package var activation: Activation
  /// The probability with which a number is dropped at the end of each branch in training, in [0, 1).
  package var dropout: Double

  /// The exact GELU, a perceptron of four times the width and no dropout, unless said.
  package init(
    patch: Int, width: Int, depth: Int, heads: Int, mlpWidth: Int? = nil, activation: Activation = .gelu,
    dropout: Double = 0
  ) {
    self.patch = patch
    self.width = width
    self.depth = depth
    self.heads = heads
    self.mlpWidth = mlpWidth ?? 4 * width
    self.activation = activation
    self.dropout = dropout
  }

  func append<S: Scalar>(
    to chain: inout ChainBuilder<S>, _ builder: LayerBuilder<S>, input: InputShape, classes: Int
  ) throws(ArchitectureError) {
    try validate()
    let embedding = try PatchEmbedding(builder, input: input, patch: patch, width: width)
    try chain.append(embedding)
    var shape = embedding.outputShape
    for block in 0..<depth {
      // Only the class token of the last block reaches the logits, so nothing else of it is computed.
      let queries = block == depth - 1 ? 1 : shape.places
      let name = "blocks.\(block)"
      let attention = try ResidualBranch(builder, norm: "\(name).ln1", input: shape) {
        (inner, builder) throws(ArchitectureError) in
        try inner.append(
          MultiHeadAttention(builder, name: "\(name).qkv", input: shape, heads: heads, queries: queries))
        let attended = InputShape.image(height: queries, width: 1, channels: width)
        try inner.append(Linear(builder, name: "\(name).proj", atPlacesOf: attended, outputs: width))
        try appendDropout(to: &inner, builder, attended)
      }
      try chain.append(attention)
      shape = attention.outputShape
      let perceptron = try ResidualBranch(builder, norm: "\(name).ln2", input: shape) {
        (inner, builder) throws(ArchitectureError) in
        let hidden = try Linear(
          builder, name: "\(name).fc1", atPlacesOf: shape, outputs: mlpWidth, activation: activation)
        try inner.append(hidden)
        try inner.append(
          Linear(builder, name: "\(name).fc2", atPlacesOf: hidden.outputShape, outputs: width))
        try appendDropout(to: &inner, builder, shape)
      }
      try chain.append(perceptron)
    }
    try chain.append(LayerNormalization(builder, name: "ln", shape: shape))
    try chain.append(Linear(builder, name: "head", input: shape, outputs: classes, isOutput: true))
  }

  private func appendDropout<S: Scalar>(
    to chain: inout ChainBuilder<S>, _ builder: LayerBuilder<S>, _ shape: InputShape
  ) throws(ArchitectureError) {
    guard dropout != 0 else { return }
    try chain.append(Dropout(builder, shape: shape, probability: dropout))
  }

  private func validate() throws(ArchitectureError) {
    for (field, value) in [
      ("patch", patch), ("width", width), ("depth", depth), ("heads", heads), ("mlp_width", mlpWidth),
    ] where value < 1 {
      throw .invalid(field: field, reason: "at least 1")
    }
    guard depth <= 1000 else { throw .invalid(field: "depth", reason: "at most 1000 blocks") }
    guard width % heads == 0 else {
      throw .invalid(field: "heads", reason: "\(heads) heads don't divide the width \(width)")
    }
  }
}
