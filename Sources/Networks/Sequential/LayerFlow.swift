import Compute

/// What is known of a sample between two layers. Behind a layer at fault some of it isn't: then what follows is checked
/// as far as the rest tells.
struct LayerFlow: Sendable, Hashable {
  /// What the numbers are.
  enum Form: Sendable, Hashable {
    case vector
    case image
    /// Tokens one below the other: an image of width 1.
    case sequence

    var description: String {
      switch self {
      case .vector: "a plain vector"
      case .image: "an image"
      case .sequence: "a sequence of tokens"
      }
    }

    /// The kinds of layers that take it, as specifications call them.
    var layers: String {
      let own =
        switch self {
        case .vector: ""
        case .image:
          "convolution, max_pool, average_pool, global_average_pool, patch_embedding, squeeze_excitation, "
        case .sequence: "attention, mean_over_tokens, first_token, "
        }
      return own + "linear, batch_normalization, layer_normalization, dropout, residual or an activation"
    }
  }

  struct Sides: Sendable, Hashable {
    let height: Int
    let width: Int
  }

  /// Nil: any.
  var form: Form?
  /// An image's, or (tokens, 1); nil: any.
  var sides: Sides?
  /// Channels at a place, or a vector's elements; nil: any.
  var channels: Int?

  init(form: Form? = nil, sides: Sides? = nil, channels: Int? = nil) {
    self.form = form
    self.sides = sides
    self.channels = channels
  }

  init(_ input: SampleShape) {
    switch input {
    case .features(let count): self.init(form: .vector, channels: count)
    case .image(let height, let width, let channels):
      self.init(form: .image, sides: Sides(height: height, width: width), channels: channels)
    }
  }

  static func vector(_ count: Int?) -> LayerFlow { LayerFlow(form: .vector, channels: count) }
  static func image(_ sides: Sides?, _ channels: Int?) -> LayerFlow {
    LayerFlow(form: .image, sides: sides, channels: channels)
  }
  static func sequence(_ tokens: Int?, _ channels: Int?) -> LayerFlow {
    LayerFlow(form: .sequence, sides: tokens.map { Sides(height: $0, width: 1) }, channels: channels)
  }

  /// The shape of a sample in memory, where all is known.
  var shape: SampleShape? {
    guard let form, let channels else { return nil }
    if form == .vector { return .features(channels) }
    return sides.map { .image(height: $0.height, width: $0.width, channels: channels) }
  }

  var description: String {
    let size = sides.map { form == .sequence ? "\($0.height) tokens" : "\($0.height) × \($0.width)" }
    let wide = channels.map { form == .vector ? "\($0) features" : "\($0) channels" }
    return [size, wide].compactMap { $0 }.joined(separator: " with ")
  }
}

extension LayerFlow.Sides {
  /// The sides after windows of `size` places, `stride` apart, on an image with a border; nil where not one fits.
  func windows(size: Int, stride: Int, border: Int) -> LayerFlow.Sides? {
    let (high, wide) = (height + 2 * border, width + 2 * border)
    guard min(high, wide) >= size else { return nil }
    return LayerFlow.Sides(height: (high - size) / stride + 1, width: (wide - size) / stride + 1)
  }
}
