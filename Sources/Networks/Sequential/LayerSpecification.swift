/// One layer of a list, as its user names it: values only.
package struct LayerSpecification: Sendable, Hashable {
  /// What the layer does.
  package var kind: LayerKind
  /// What its parameters and its row in the layer table are called; nil: its place in the list.
  var name: String?
  /// The field of a named architecture that asks for it, which a refusal names.
  var field: String?

  /// A layer that is called by its place in the list.
  package init(_ kind: LayerKind) { self.kind = kind }

  init(_ kind: LayerKind, name: String, field: String = "kind") {
    self.kind = kind
    self.name = name
    self.field = field
  }
}

/// The kinds of layers with their options.
package indirect enum LayerKind: Sendable, Hashable {
  /// A square convolution over an image.
  case convolution(ConvolutionOptions)
  /// y = W x + b: of each token of a sequence, of an image flattened.
  case linear(features: Int, bias: Bool)
  /// The mean of a sequence's tokens, as a vector.
  case meanOverTokens
  /// A sequence's first token, as a vector: what a class token has gathered.
  case firstToken
  /// The largest or the mean of windows of an image.
  case pool(PoolingKind, WindowOptions)
  /// The mean of an image's places, as a vector.
  case globalAveragePool
  /// Each channel by its mean and variance over the batch.
  case batchNormalization
  /// The channels of each place (or a vector) by their mean and variance.
  case layerNormalization
  /// A nonlinearity of every element.
  case activation(Activation)
  /// Elements dropped in training with a probability in [0, 1).
  case dropout(rate: Double)
  /// x plus what the layers make of it.
  case residual(layers: [LayerSpecification], shortcut: Shortcut)
  /// An image's patches as the tokens of a sequence.
  case patchEmbedding(PatchOptions)
  /// Multi-head self-attention with its output projection (PyTorch's `MultiheadAttention`).
  case attention(heads: Int)
  /// Channels weighted by what the whole image holds: squeezed to channels / ratio, at least one, between two layers.
  case squeezeExcitation(ratio: Int, activation: Activation)
  /// The image at another size, by interpolation.
  case resize(resolution: Double)
}

/// A convolution's sizes.
package struct ConvolutionOptions: Sendable, Hashable {
  /// Zeros around the image.
  package enum Padding: Sendable, Hashable {
    /// ⌊kernel / 2⌋ on every side.
    case same
    /// None.
    case valid
    /// So many on every side.
    case places(Int)
  }

  /// Channels that come out.
  package var channels: Int
  /// The window's side.
  package var kernel: Int
  /// Places from one window to the next.
  package var stride: Int
  /// The border.
  package var padding: Padding
  /// Parts that the channels fall into on both sides, each with weights of its own.
  package var groups: Int
  /// Whether a bias is added.
  package var bias: Bool

  /// No stride, the border of the window's half, one group and a bias, unless said.
  package init(
    channels: Int, kernel: Int, stride: Int = 1, padding: Padding = .same, groups: Int = 1, bias: Bool = true
  ) {
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.groups = groups
    self.bias = bias
  }

  /// The border's width.
  var border: Int {
    switch padding {
    case .same: kernel / 2
    case .valid: 0
    case .places(let count): count
    }
  }

  /// Whether it is the same product at every place.
  var isPointwise: Bool { kernel == 1 && stride == 1 && border == 0 && groups == 1 }
}

/// A pooling's windows.
package struct WindowOptions: Sendable, Hashable {
  /// The window's side.
  package var size: Int
  /// Places from one window to the next.
  package var stride: Int
  /// Places beyond the image that windows reach into, at most half a window.
  package var padding: Int

  /// Windows side by side without a border, unless said.
  package init(size: Int, stride: Int? = nil, padding: Int = 0) {
    self.size = size
    self.stride = stride ?? size
    self.padding = padding
  }

  /// Whether windows lie side by side inside the image.
  var isPlain: Bool { stride == size && padding == 0 }
}

/// What is added to a residual's layers.
package enum Shortcut: String, Sendable, Hashable, CaseIterable {
  /// The input; a projection where shapes differ.
  case automatic
  /// The input.
  case identity
  /// A 1 × 1 convolution of the input, with the stride that the layers have together (of tokens and vectors a linear
  /// layer). Where the layers have a batch norm it has one too, in the place of a bias.
  case projection
}

/// How an image becomes tokens.
package struct PatchOptions: Sendable, Hashable {
  /// The side of a patch, which divides the image's.
  package var patch: Int
  /// Channels of a token.
  package var width: Int
  /// Whether a learned vector is added for each place.
  package var positions: Bool
  /// Whether a learned token comes before those of the patches.
  package var classToken: Bool

  /// Learned positions and no class token, unless said.
  package init(patch: Int, width: Int, positions: Bool = true, classToken: Bool = false) {
    self.patch = patch
    self.width = width
    self.positions = positions
    self.classToken = classToken
  }
}

/// A list of layers, behind whose last a linear layer makes the logits.
package struct SequentialNetwork: Sendable, Hashable {
  /// From the input on.
  package var layers: [LayerSpecification]
  /// What the parameters of the layer that makes the logits are called.
  var outputName = "output"

  /// The network of these layers.
  package init(_ layers: [LayerSpecification]) { self.layers = layers }

  init(_ layers: [LayerSpecification], outputName: String) {
    self.layers = layers
    self.outputName = outputName
  }
}
