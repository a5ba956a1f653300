import Compute
import Networks
import Testing

/// Scaling rules against the published members of the families that they come from.
@Suite struct ScalingTests {
  static let image = SampleShape.image(height: 32, width: 32, channels: 3)

  /// EfficientNet-B0 and, by its multipliers 1.1 and 1.2, EfficientNet-B2 (the authors' table of blocks).
  @Test func compoundGivesEfficientNetB2() throws {
    let scaled = try Architecture.efficientnet(.b0).scaled(Scaling(rule: .compound, factor: 1))
    guard case .efficientnet(let b2) = scaled else { throw Unexpected() }
    #expect(b2.stem == 32 && b2.head == 1408)
    #expect(b2.stages.map(\.channels) == [16, 24, 48, 88, 120, 208, 352])
    #expect(b2.stages.map(\.repeats) == [2, 3, 3, 4, 4, 5, 2])
    // 224 · 1.15 = 258; the authors rounded it to 260.
    #expect(b2.resolution == 1.15)
    let photograph = SampleShape.image(height: 224, width: 224, channels: 3)
    let network = try Network<Float>(scaled, input: photograph, classes: 1000)
    #expect(network.layers[0].output == [258, 258, 3])
    #expect(
      try Architecture.efficientnet(.b0).scaled(Scaling(rule: .compound, factor: 0)) == .efficientnet(.b0))
  }

  /// Parameter counts of models as their authors' or PyTorch's libraries build them.
  @Test func publishedParameterCounts() throws {
    let photograph = SampleShape.image(height: 224, width: 224, channels: 3)
    let b0 = try Architecture.efficientnet(.b0).parameterCount(input: photograph, classes: 1000)
    #expect(b0 == 5_288_548)
    let base = VisionTransformer(patch: 16, width: 768, depth: 12, heads: 12)
    #expect(try Architecture.vit(base).parameterCount(input: photograph, classes: 1000) == 86_567_656)
    let resnet20 = ResidualNetwork(stem: 16, stages: [16, 32, 64], blocks: 3)
    #expect(try Architecture.resnet(resnet20).parameterCount(input: Self.image, classes: 10) == 272_474)
  }

  /// From ResNet-RS-50's blocks to as many as ResNet-RS-420 has: nearly all new ones in the middle.
  @Test func residualRS() throws {
    let small = ResidualNetwork(stem: 8, stages: [8, 16, 32, 64], blocks: [3, 4, 6, 3])
    let scaled = try Architecture.resnet(small).scaled(Scaling(rule: .resnetRS, factor: 139.0 / 16))
    guard case .resnet(let large) = scaled else { throw Unexpected() }
    #expect(large.blocks[0] == 4 && large.blocks[3] == 4)
    #expect(abs(large.blocks.reduce(0, +) - 139) <= 1)
    #expect(large.stages == small.stages && large.stem == small.stem)
    #expect(try Architecture.resnet(small).scaled(Scaling(rule: .resnetRS, factor: 1)) == .resnet(small))
  }

  @Test func visionTransformers() throws {
    let base = VisionTransformer(patch: 4, width: 60, depth: 10, heads: 6, mlpWidth: 100)
    func scaled(_ rule: Scaling.Rule, _ factor: Double) throws -> VisionTransformer {
      guard case .vit(let scaled) = try Architecture.vit(base).scaled(Scaling(rule: rule, factor: factor))
      else { throw Unexpected() }
      #expect(scaled.heads == 6 && scaled.patch == 4)
      return scaled
    }
    func shape(_ v: VisionTransformer) -> [Int] { [v.width, v.depth, v.mlpWidth] }
    #expect(shape(try scaled(.width, 2)) == [120, 10, 100])
    #expect(shape(try scaled(.width, 1.14)) == [66, 10, 100])
    #expect(shape(try scaled(.depth, 0.5)) == [60, 5, 100])
    #expect(shape(try scaled(.mlp, 1.5)) == [60, 10, 150])
    #expect(shape(try scaled(.all, 2)) == [120, 20, 200])
    // 100^0.22 = 2.754, 100^0.45 = 7.943, 100^0.6 = 15.849.
    #expect(shape(try scaled(.sovit, 100)) == [168, 79, 1585])
  }

  @Test func perceptrons() throws {
    let base = Architecture.mlp(MultilayerPerceptron(hidden: [10, 20]))
    #expect(
      try base.scaled(Scaling(rule: .width, factor: 1.5)) == .mlp(MultilayerPerceptron(hidden: [15, 30])))
    #expect(
      try base.scaled(Scaling(rule: .depth, factor: 2))
        == .mlp(MultilayerPerceptron(hidden: [10, 10, 20, 20])))
    #expect(
      try base.scaled(Scaling(rule: .width, factor: 1e-6)) == .mlp(MultilayerPerceptron(hidden: [1, 1])))
  }

  @Test func refusals() {
    let perceptron = Architecture.mlp(MultilayerPerceptron(hidden: [4]))
    for (architecture, rule) in [
      (Architecture.linear, Scaling.Rule.width), (perceptron, .mlp), (perceptron, .all),
      (perceptron, .resnetRS),
      (.vit(VisionTransformer(patch: 4, width: 8, depth: 1, heads: 1)), .compound),
    ] {
      #expect(throws: ArchitectureError.self) { try architecture.scaled(Scaling(rule: rule, factor: 2)) }
    }
    for factor in [0, -1, .nan, .infinity, 1e9] {
      #expect(throws: ArchitectureError.self) { try perceptron.scaled(Scaling(rule: .width, factor: factor)) }
    }
  }

  /// 784-h-10 has 795 h + 10 parameters: the nearest h is known.
  @Test(arguments: [(12730, 16), (12730 + 397, 16), (12730 + 398, 17), (795 * 1000 + 10, 1000), (805, 1)])
  func targetParameters(target: Int, width: Int) throws {
    let base = Architecture.mlp(MultilayerPerceptron(hidden: [64]))
    let scaled = try base.scaled(toParameters: target, input: .features(784), classes: 10)
    #expect(scaled == .mlp(MultilayerPerceptron(hidden: [width])))
  }

  @Test func targetParametersOfOtherKinds() throws {
    let resnet = Architecture.resnet(ResidualNetwork(stem: 8, stages: [8, 16, 32]))
    let vit = Architecture.vit(VisionTransformer(patch: 4, width: 32, depth: 2, heads: 4, mlpWidth: 64))
    for (architecture, tolerance) in [(resnet, 0.03), (vit, 0.06)] {
      let scaled = try architecture.scaled(toParameters: 300_000, input: Self.image, classes: 10)
      let count = try scaled.parameterCount(input: Self.image, classes: 10)
      #expect(abs(Double(count) - 300_000) < 300_000 * tolerance)
    }
    #expect(throws: ArchitectureError.self) {
      try resnet.scaled(toParameters: 5, input: Self.image, classes: 10)
    }
    #expect(throws: ArchitectureError.self) {
      try Architecture.linear.scaled(toParameters: 1000, input: Self.image, classes: 10)
    }
  }

  private func convolutions(_ architecture: Architecture) throws -> [[Int]] {
    try architecture.sequential().layers.compactMap {
      if case .convolution(let options) = $0.kind { [options.channels, options.groups] } else { nil }
    }
  }

  /// 4 divides the first count and 3 the others; their common multiple divides not one of the first.
  @Test func groupsHoldTheCountsThatTheyDivideAlone() throws {
    let input = SampleShape.image(height: 8, width: 8, channels: 4)
    let base = SequentialCases.list(
      SequentialCases.convolution(8, groups: 4), SequentialCases.convolution(12),
      SequentialCases.convolution(12, groups: 3), .globalAveragePool)
    let scaled = try base.scaled(Scaling(rule: .width, factor: 1.3))
    #expect(try convolutions(scaled) == [[12, 4], [15, 1], [15, 3]])
    for factor in stride(from: 0.1, to: 3, by: 0.1) {
      #expect(throws: Never.self, "\(factor)") {
        try base.scaled(Scaling(rule: .width, factor: factor)).parameterCount(input: input, classes: 10)
      }
    }
    // a + 9a, b + 9ab, b + 3b² and 10 (b + 1): 2605 for (12, 15), 3262 for (12, 18).
    let target = try base.scaled(toParameters: 3_000, input: input, classes: 10)
    #expect(try convolutions(target) == [[12, 4], [18, 1], [18, 3]])
    #expect(try target.parameterCount(input: input, classes: 10) == 3_262)
  }

  /// Two channels for each group, and a sum that takes a unit from the layers inside it to those before it.
  @Test func countsThatHangTogetherKeepTheirRatio() throws {
    let depthwise = SequentialCases.list(
      SequentialCases.convolution(12), SequentialCases.convolution(6, groups: 6), .globalAveragePool)
    let sum = SequentialCases.list(
      SequentialCases.convolution(8),
      .residual(
        layers: SequentialCases.layers(SequentialCases.convolution(8, groups: 4)), shortcut: .identity),
      .globalAveragePool)
    for factor in stride(from: 0.1, to: 3, by: 0.05) {
      for architecture in [depthwise, sum] {
        #expect(throws: Never.self, "\(factor)") {
          try architecture.scaled(Scaling(rule: .width, factor: factor))
            .parameterCount(input: Self.image, classes: 10)
        }
      }
    }
    let wide = try depthwise.scaled(Scaling(rule: .width, factor: 1.25))
    #expect(try convolutions(wide) == [[16, 1], [8, 8]])
    #expect(try convolutions(sum.scaled(Scaling(rule: .width, factor: 1.3))) == [[12, 1]])
  }

  /// The sum with the input holds the convolution at one channel, up to a factor of 1.5; with h features there are
  /// 75 h + 20 parameters.
  @Test func targetParametersStepOverWhatCannotBeBuilt() throws {
    let input = SampleShape.image(height: 8, width: 8, channels: 1)
    let base = SequentialCases.list(
      .residual(layers: SequentialCases.layers(SequentialCases.convolution(1)), shortcut: .identity),
      SequentialCases.linear(64))
    let scaled = try base.scaled(toParameters: 75 * 80 + 20, input: input, classes: 10)
    #expect(try scaled.sequential().layers[1].kind == SequentialCases.linear(80))
    #expect(throws: ArchitectureError.self) {
      try base.scaled(toParameters: 75 * 640, input: input, classes: 10)
    }
  }

  struct Unexpected: Error {}
}

extension EfficientNetwork {
  /// EfficientNet-B0 as its authors publish it.
  static let b0 = EfficientNetwork(
    stem: 32, stemStride: 2,
    stages: [
      .init(expansion: 1, channels: 16, repeats: 1),
      .init(expansion: 6, channels: 24, repeats: 2, stride: 2),
      .init(expansion: 6, channels: 40, repeats: 2, stride: 2, kernel: 5),
      .init(expansion: 6, channels: 80, repeats: 3, stride: 2),
      .init(expansion: 6, channels: 112, repeats: 3, kernel: 5),
      .init(expansion: 6, channels: 192, repeats: 4, stride: 2, kernel: 5),
      .init(expansion: 6, channels: 320, repeats: 1),
    ], head: 1280)
}
