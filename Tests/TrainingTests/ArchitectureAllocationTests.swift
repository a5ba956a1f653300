import CAllocations
import Compute
import Networks
import Testing

/// Passes of every architecture allocate nothing once their workspace is made.
@Suite struct ArchitectureAllocationTests {
  static let image = SampleShape.image(height: 8, width: 8, channels: 3)
  static let architectures: [Architecture] = [
    .mlp(MultilayerPerceptron(hidden: [8, 6], activation: .gelu, normalization: .batch)),
    .mlp(MultilayerPerceptron(hidden: [8], activation: .silu, normalization: .layer, dropout: 0.5)),
    .cnn(ConvolutionalNetwork(channels: [4, 5], hidden: [6], activation: .gelu)),
    .cnn(ConvolutionalNetwork(channels: [4, 5], normalization: .batch, pooling: .average)),
    .resnet(ResidualNetwork(stem: 4, stages: [4, 6], blocks: 2)),
    .resnet(ResidualNetwork(stem: 4, stages: [6], activation: .silu)),
    .vit(VisionTransformer(patch: 4, width: 8, depth: 2, heads: 2, dropout: 0.1)),
    .efficientnet(
      EfficientNetwork(
        stem: 4,
        stages: [
          .init(expansion: 2, channels: 4, repeats: 2),
          .init(expansion: 2, channels: 6, repeats: 1, stride: 2),
        ],
        head: 8, dropout: 0.2)),
    list(
      .batchNormalization, .convolution(ConvolutionOptions(channels: 6, kernel: 4, stride: 2, groups: 3)),
      .activation(.gelu), .pool(.max, WindowOptions(size: 3, stride: 1, padding: 1)),
      .residual(
        layers: [
          LayerSpecification(.convolution(ConvolutionOptions(channels: 6, kernel: 3, groups: 6))),
          LayerSpecification(.activation(.relu)),
        ], shortcut: .automatic), .squeezeExcitation(ratio: 2, activation: .relu),
      .linear(features: 5, bias: true)),
    list(
      .convolution(ConvolutionOptions(channels: 4, kernel: 3)),
      .patchEmbedding(PatchOptions(patch: 2, width: 6)),
      .attention(heads: 2), .dropout(rate: 0.2),
      .residual(layers: [LayerSpecification(.linear(features: 8, bias: true))], shortcut: .automatic),
      .firstToken),
  ]

  private static func list(_ kinds: LayerKind...) -> Architecture {
    .sequential(SequentialNetwork(kinds.map { LayerSpecification($0) }))
  }

  @Test(arguments: architectures) func passes(architecture: Architecture) throws {
    guard emc_counts_allocations() == 1 else {
      print("skipped: allocations aren't counted on this system")
      return
    }
    try expectNoAllocation(architecture, Float.self, secondOrder: false)
    try expectNoAllocation(architecture, Double.self, secondOrder: true)
  }

  private func expectNoAllocation<S: Scalar>(
    _ architecture: Architecture, _: S.Type, secondOrder: Bool
  ) throws {
    let network = try Network<S>(architecture, input: Self.image, classes: 3)
    let workspace = network.makeWorkspace(capacity: 5, secondOrder: secondOrder)
    let parameters = Buffer<S>(count: network.parameterCount)
    network.initialize(parameters.pointer, seed: 1, samples: 5, replicate: 0)
    var stream = RandomStream(seed: 1, purpose: .inputs)
    let inputs = Buffer<S>((0..<5 * Self.image.count).map { _ in S(stream.normal()) })
    let labels = [Int32](repeating: 1, count: 5)
    let (gradient, product) = (parameters.copy(), parameters.copy())
    let options = LossOptions(labelSmoothing: 0.1, dropout: RandomStream(seed: 2, purpose: .dropout))
    var before = 0
    // The first round may find what the runtime looks up once.
    for round in 0..<3 {
      if round == 1 { before = emc_allocations_of_this_thread() }
      workspace.lossAndGradient(
        parameters: parameters.pointer, inputs: inputs.pointer, labels: labels, count: 5, loss: options,
        scale: 1, gradient: gradient.pointer)
      workspace.gatherStatistics(parameters: parameters.pointer, inputs: inputs.pointer, count: 5)
      workspace.evaluate(parameters: parameters.pointer, inputs: inputs.pointer, labels: labels, count: 5)
      if secondOrder {
        workspace.addHessianVectorProduct(
          parameters: parameters.pointer, direction: gradient.pointer, inputs: inputs.pointer, labels: labels,
          count: 5, loss: options, scale: 1, product: product.pointer)
      }
    }
    let made = emc_allocations_of_this_thread() - before
    #expect(made == 0, "\(S.self): \(made) allocations in two rounds")
  }
}
