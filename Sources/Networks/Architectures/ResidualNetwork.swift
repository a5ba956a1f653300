/// A residual network of basic blocks (He et al., "Deep Residual Learning for Image Recognition", 2016): a 3 × 3
/// convolution, stages of blocks, a global average pool and a linear layer, batch norm throughout.
package struct ResidualNetwork: Sendable, Hashable {
  /// Channels of the first convolution.
  package var stem: Int
  /// Channels of each stage; every stage but the first halves the image.
  package var stages: [Int]
  /// Blocks of each stage.
  package var blocks: [Int]
  /// After every convolution but a block's last, and after the block's sum.
  package var activation: Activation
  /// The image's sides are multiplied by this before the first layer sees it, by interpolation.
  package var resolution: Double

  /// As many blocks as said for each stage.
  package init(
    stem: Int, stages: [Int], blocks: [Int], activation: Activation = .relu, resolution: Double = 1
  ) {
    self.stem = stem
    self.stages = stages
    self.blocks = blocks
    self.activation = activation
    self.resolution = resolution
  }

  /// The same number of blocks in every stage.
  package init(
    stem: Int, stages: [Int], blocks: Int = 1, activation: Activation = .relu, resolution: Double = 1
  ) {
    self.init(
      stem: stem, stages: stages, blocks: [Int](repeating: blocks, count: stages.count),
      activation: activation, resolution: resolution)
  }

  func validate() throws(ArchitectureError) {
    guard stem >= 1 else { throw .invalid(field: "stem", reason: "at least one channel") }
    guard !stages.isEmpty else { throw .invalid(field: "stages", reason: "at least one stage") }
    for (number, channels) in stages.enumerated() where channels < 1 {
      throw .invalid(field: "stages/\(number)", reason: "at least one channel")
    }
    guard blocks.count == stages.count else {
      throw .invalid(field: "blocks", reason: "one number for each of the \(stages.count) stages")
    }
    for (number, count) in blocks.enumerated() where !(1...1000).contains(count) {
      throw .invalid(field: "blocks/\(number)", reason: "from 1 to 1000 blocks")
    }
  }
}
