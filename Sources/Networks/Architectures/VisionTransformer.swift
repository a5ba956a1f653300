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

  func sequential() throws(ArchitectureError) -> SequentialNetwork {
    try validate()
    let options = PatchOptions(patch: patch, width: width, positions: true, classToken: true)
    var layers = [LayerSpecification(.patchEmbedding(options), name: "", field: "patch")]
    for block in 0..<depth {
      let name = "blocks.\(block)"
      let dropped = LayerSpecification(.dropout(rate: dropout), name: "\(name).dropout", field: "dropout")
      let branches: [[LayerSpecification]] = [
        [
          LayerSpecification(.layerNormalization, name: "\(name).ln1"),
          LayerSpecification(.attention(heads: heads), name: name, field: "heads"), dropped,
        ],
        [
          LayerSpecification(.layerNormalization, name: "\(name).ln2"),
          LayerSpecification(.linear(features: mlpWidth, bias: true), name: "\(name).fc1"),
          LayerSpecification(.activation(activation), name: activation.rawValue),
          LayerSpecification(.linear(features: width, bias: true), name: "\(name).fc2"), dropped,
        ],
      ]
      for branch in branches {
        layers.append(LayerSpecification(.residual(layers: branch, shortcut: .identity), name: name))
      }
    }
    layers.append(LayerSpecification(.layerNormalization, name: "ln"))
    layers.append(LayerSpecification(.firstToken, name: "cls"))
    return SequentialNetwork(layers, outputName: "head")
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
