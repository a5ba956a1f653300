import Compute
import Networks

/// Lists of layers that together have every kind of layer and every way in which neighbours become one.
enum SequentialCases {
  static func list(_ kinds: LayerKind...) -> Architecture {
    .sequential(SequentialNetwork(kinds.map { LayerSpecification($0) }))
  }
  static func layers(_ kinds: LayerKind...) -> [LayerSpecification] { kinds.map { LayerSpecification($0) } }
  static func convolution(
    _ channels: Int, _ kernel: Int = 3, stride: Int = 1, padding: ConvolutionOptions.Padding = .same,
    groups: Int = 1, bias: Bool = true
  ) -> LayerKind {
    .convolution(
      ConvolutionOptions(
        channels: channels, kernel: kernel, stride: stride, padding: padding, groups: groups, bias: bias))
  }
  static func linear(_ features: Int) -> LayerKind { .linear(features: features, bias: true) }
  static func pool(_ kind: PoolingKind, _ size: Int, stride: Int? = nil, padding: Int = 0) -> LayerKind {
    .pool(kind, WindowOptions(size: size, stride: stride, padding: padding))
  }

  /// Convolutions of any size, stride, border and grouping, and pooling over any windows.
  static func convolutional(_ activation: Activation) -> Architecture {
    list(
      pool(.average, 3, stride: 1, padding: 1), convolution(6, 4, stride: 3, padding: .places(2), groups: 2),
      .activation(activation), convolution(4, 1), .activation(activation),
      pool(.max, 3, stride: 1, padding: 1),
      convolution(8, 1, padding: .places(1), groups: 4), convolution(8, 2, groups: 8),
      .activation(activation),
      convolution(5, 5, padding: .places(3)), pool(.max, 2), .activation(activation),
      .squeezeExcitation(ratio: 2, activation: activation), .globalAveragePool, linear(6),
      .activation(activation))
  }

  /// Sums of every kind.
  static func residual(_ activation: Activation) -> Architecture {
    list(
      .residual(
        layers: layers(.batchNormalization, convolution(2), .activation(activation)), shortcut: .identity),
      .residual(
        layers: layers(
          convolution(4, stride: 2, bias: false), .batchNormalization, .activation(activation),
          convolution(4, bias: false),
          .batchNormalization), shortcut: .automatic), .activation(activation),
      .residual(layers: layers(convolution(4), pool(.max, 3, stride: 1, padding: 1)), shortcut: .identity),
      .residual(layers: layers(convolution(4), .activation(activation)), shortcut: .projection),
      .residual(
        layers: layers(
          .residual(layers: layers(convolution(4, groups: 4), .batchNormalization), shortcut: .identity)),
        shortcut: .identity),
      .residual(layers: layers(pool(.average, 2), convolution(5, 1)), shortcut: .automatic), linear(6),
      .residual(layers: layers(linear(6), .batchNormalization), shortcut: .identity), .activation(activation),
      .residual(layers: layers(linear(4), .activation(activation)), shortcut: .automatic))
  }

  /// Tokens: a stem before the patches, norms at the input, attention with and without a branch.
  static func tokens(_ activation: Activation, classToken: Bool) -> Architecture {
    list(
      .layerNormalization, convolution(3, 3), .activation(activation),
      .patchEmbedding(PatchOptions(patch: 2, width: 6, positions: !classToken, classToken: classToken)),
      .batchNormalization, .attention(heads: 3),
      .residual(
        layers: layers(.layerNormalization, linear(7), .activation(activation), linear(6)),
        shortcut: .identity),
      .residual(layers: layers(linear(5), .activation(activation)), shortcut: .automatic),
      .residual(layers: layers(.layerNormalization, .attention(heads: 1)), shortcut: .identity),
      .layerNormalization, linear(4), classToken ? .firstToken : .meanOverTokens)
  }

  /// A first token that is taken from what every token has become.
  static func firstToken(_ activation: Activation) -> Architecture {
    list(
      .patchEmbedding(PatchOptions(patch: 2, width: 4, positions: false)), .activation(activation),
      .batchNormalization, .firstToken, .layerNormalization, linear(5), .activation(activation))
  }

  /// Residuals of layers that do nothing: at the front, one in another, before a norm, of a vector.
  static func ofNothing(_ activation: Activation) -> Architecture {
    let nothing = layers(.dropout(rate: 0))
    return list(
      .residual(layers: nothing, shortcut: .identity), convolution(3), .activation(activation),
      .residual(layers: nothing + nothing, shortcut: .projection), .activation(activation),
      .residual(
        layers: layers(.residual(layers: nothing, shortcut: .automatic), .batchNormalization),
        shortcut: .automatic), .activation(activation),
      .residual(
        layers: layers(.residual(layers: nothing, shortcut: .projection)), shortcut: .identity),
      .globalAveragePool, .residual(layers: nothing, shortcut: .projection), linear(5),
      .activation(activation))
  }

  static func all(_ activation: Activation) -> [(architecture: Architecture, input: SampleShape)] {
    [
      (convolutional(activation), .image(height: 11, width: 9, channels: 2)),
      (residual(activation), .image(height: 7, width: 8, channels: 2)),
      (tokens(activation, classToken: true), .image(height: 4, width: 6, channels: 2)),
      (tokens(activation, classToken: false), .image(height: 4, width: 4, channels: 2)),
      (firstToken(activation), .image(height: 4, width: 4, channels: 2)),
      (ofNothing(activation), .image(height: 3, width: 4, channels: 2)),
      (list(.batchNormalization, linear(5), .activation(activation)), .features(6)),
    ]
  }
}
