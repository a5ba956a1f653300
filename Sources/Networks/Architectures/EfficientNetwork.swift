/// A network of mobile inverted bottlenecks with squeeze-and-excitation (Tan and Le, "EfficientNet", 2019): a 3 × 3
/// convolution, stages of blocks, a 1 × 1 convolution, a global average pool and a linear layer, batch norm throughout.
package struct EfficientNetwork: Sendable, Hashable {
  /// Blocks of one shape.
  package struct Stage: Sendable, Hashable {
    /// Channels inside a block, as a multiple of those that come in.
    package var expansion: Int
    /// Channels that come out.
    package var channels: Int
    /// Blocks.
    package var repeats: Int
    /// The first block's stride.
    package var stride: Int
    /// The side of the depthwise convolution's window, odd.
    package var kernel: Int

    /// A stage without stride and with 3 × 3 windows, unless said.
    package init(expansion: Int, channels: Int, repeats: Int, stride: Int = 1, kernel: Int = 3) {
      self.expansion = expansion
      self.channels = channels
      self.repeats = repeats
      self.stride = stride
      self.kernel = kernel
    }
  }

  /// Channels of the first convolution.
  package var stem: Int
  /// Its stride: 1 for small images, 2 in the paper.
  package var stemStride: Int
  package var stages: [Stage]
  /// Channels of the last convolution.
  package var head: Int
  /// After every convolution but a block's last.
  package var activation: Activation
  /// The probability with which an input of the linear layer is dropped in training, in [0, 1).
  package var dropout: Double
  /// The image's sides are multiplied by this before the first layer sees it, by interpolation.
  package var resolution: Double

  /// SiLU, no stride of the stem, no dropout and the image as it is, unless said.
  package init(
    stem: Int, stemStride: Int = 1, stages: [Stage], head: Int, activation: Activation = .silu,
    dropout: Double = 0, resolution: Double = 1
  ) {
    self.stem = stem
    self.stemStride = stemStride
    self.stages = stages
    self.head = head
    self.activation = activation
    self.dropout = dropout
    self.resolution = resolution
  }

  func validate() throws(ArchitectureError) {
    guard stem >= 1 else { throw .invalid(field: "stem", reason: "at least one channel") }
    guard (1...2).contains(stemStride) else { throw .invalid(field: "stem_stride", reason: "1 or 2") }
    guard head >= 1 else { throw .invalid(field: "head", reason: "at least one channel") }
    guard !stages.isEmpty else { throw .invalid(field: "stages", reason: "at least one stage") }
    for (number, stage) in stages.enumerated() {
      let place = "stages/\(number)"
      for (field, value) in [
        ("expansion", stage.expansion), ("channels", stage.channels), ("repeats", stage.repeats),
      ] where value < 1 {
        throw .invalid(field: "\(place)/\(field)", reason: "at least 1")
      }
      guard stage.repeats <= 1000 else {
        throw .invalid(field: "\(place)/repeats", reason: "at most 1000 blocks")
      }
      guard (1...2).contains(stage.stride) else {
        throw .invalid(field: "\(place)/stride", reason: "1 or 2")
      }
      guard stage.kernel >= 1 && stage.kernel % 2 == 1 else {
        throw .invalid(field: "\(place)/kernel", reason: "an odd number: the window is centred on its place")
      }
    }
  }
}
