import Compute
import Networks
import Testing

/// A network's derivatives against central differences of what they are derivatives of, in double precision.
@Suite struct DerivativeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let architecture: Architecture
    let input: SampleShape
    var testDescription: String { "\(architecture)" }
  }

  static let cases: [Case] =
    [
      Case(
        architecture: .mlp(MultilayerPerceptron(hidden: [7, 5], activation: .gelu, normalization: .batch)),
        input: .features(6)),
      Case(
        architecture: .mlp(MultilayerPerceptron(hidden: [9], activation: .tanh, normalization: .batch)),
        input: .image(height: 3, width: 2, channels: 2)),
      Case(
        architecture: .mlp(MultilayerPerceptron(hidden: [8, 6], activation: .silu, normalization: .layer)),
        input: .features(5)),
      Case(
        architecture: .mlp(MultilayerPerceptron(hidden: [8], activation: .sigmoid, normalization: .layer)),
        input: .features(5)),
      Case(
        architecture: .cnn(ConvolutionalNetwork(channels: [3, 4], hidden: [5], activation: .gelu)),
        input: .image(height: 5, width: 7, channels: 2)),
      Case(
        architecture: .cnn(ConvolutionalNetwork(channels: [9], activation: .tanh, pooling: .average)),
        input: .image(height: 5, width: 4, channels: 3)),
      Case(
        architecture: .cnn(
          ConvolutionalNetwork(channels: [4, 3], activation: .silu, normalization: .batch)),
        input: .image(height: 6, width: 5, channels: 1)),
      Case(
        architecture: .cnn(ConvolutionalNetwork(channels: [3], activation: .tanh, resolution: 1.6)),
        input: .image(height: 4, width: 3, channels: 2)),
      Case(
        architecture: .resnet(ResidualNetwork(stem: 3, stages: [3], activation: .tanh, resolution: 0.7)),
        input: .image(height: 6, width: 5, channels: 2)),
      Case(
        architecture: .vit(
          VisionTransformer(patch: 2, width: 6, depth: 1, heads: 3, mlpWidth: 5, activation: .tanh)),
        input: .image(height: 4, width: 2, channels: 3)),
      Case(
        architecture: .vit(
          VisionTransformer(patch: 1, width: 4, depth: 3, heads: 1, mlpWidth: 7, activation: .silu)),
        input: .image(height: 2, width: 2, channels: 1)),
      Case(
        architecture: .resnet(ResidualNetwork(stem: 3, stages: [3, 4], blocks: [2, 1], activation: .gelu)),
        input: .image(height: 5, width: 4, channels: 2)),
      Case(
        architecture: .resnet(ResidualNetwork(stem: 2, stages: [3], blocks: 1, activation: .tanh)),
        input: .image(height: 3, width: 3, channels: 1)),
      Case(
        architecture: .efficientnet(
          EfficientNetwork(
            stem: 3,
            stages: [
              .init(expansion: 1, channels: 3, repeats: 1),
              .init(expansion: 2, channels: 4, repeats: 2, stride: 2, kernel: 5),
            ], head: 5)),
        input: .image(height: 5, width: 6, channels: 2)),
      Case(
        architecture: .efficientnet(
          EfficientNetwork(
            stem: 2, stemStride: 2, stages: [.init(expansion: 3, channels: 2, repeats: 1, kernel: 1)],
            head: 4,
            activation: .sigmoid)),
        input: .image(height: 6, width: 6, channels: 1)),
    ]
    + [Activation.tanh, .gelu].flatMap { activation in
      SequentialCases.all(activation).map { Case(architecture: $0.architecture, input: $0.input) }
    }

  /// A batch and a point in parameter space.
  final class Setup {
    let network: Network<Double>
    let workspace: Workspace<Double>
    let inputs: Buffer<Double>
    let labels: [Int32]
    let parameters: Buffer<Double>
    let count = 6
    let options = LossOptions(labelSmoothing: 0.1)

    init(_ item: Case) throws {
      network = try Network(item.architecture, input: item.input, classes: 3)
      workspace = network.makeWorkspace(capacity: 8, secondOrder: true)
      var stream = RandomStream(seed: 3, purpose: .inputs)
      inputs = Buffer((0..<count * item.input.count).map { _ in stream.normal() })
      labels = (0..<count).map { _ in Int32(stream.below(3)) }
      parameters = Buffer(count: network.parameterCount)
      network.initialize(parameters.pointer, seed: 4, samples: count, replicate: 0)
      // Away from the start, where scales are 1 and shifts 0.
      for i in 0..<parameters.count { parameters[i] += 0.3 * stream.normal() }
    }

    func direction(_ seed: UInt64) -> Buffer<Double> {
      var stream = RandomStream(seed: seed, purpose: .lanczos)
      return Buffer((0..<network.parameterCount).map { _ in stream.normal() })
    }

    func moved(_ h: Double, _ direction: Buffer<Double>) -> Buffer<Double> {
      let moved = parameters.copy()
      Double.addScaled(moved.count, h, direction.pointer, moved.pointer)
      return moved
    }

    func lossAndGradient(at point: Buffer<Double>) -> (loss: Double, gradient: Buffer<Double>) {
      let gradient = Buffer<Double>(repeatElement(.nan, count: point.count))
      let summary = workspace.lossAndGradient(
        parameters: point.pointer, inputs: inputs.pointer, labels: labels, count: count, loss: options,
        scale: 0.5, gradient: gradient.pointer)
      return (0.5 * summary.lossSum, gradient)
    }
  }

  @Test(arguments: cases) func gradientIsTheLossesSlope(item: Case) throws {
    let setup = try Setup(item)
    let gradient = setup.lossAndGradient(at: setup.parameters).gradient
    for seed in 1..<5 {
      let direction = setup.direction(UInt64(seed))
      // So short that max pooling rarely chooses anew on the way.
      let h = 1e-6
      let loss = { setup.lossAndGradient(at: setup.moved($0, direction)).loss }
      let slope = (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h)
      let product = Double.dot(gradient.count, gradient.pointer, direction.pointer)
      #expect(abs(slope - product) < 1e-5 * max(1, abs(slope)))
    }
  }

  @Test(arguments: cases) func hessianProductIsTheGradientsSlope(item: Case) throws {
    let setup = try Setup(item)
    let direction = setup.direction(9)
    let product = Buffer<Double>(count: setup.network.parameterCount)
    let gradient = product.copy()
    setup.workspace.addHessianVectorProduct(
      parameters: setup.parameters.pointer, direction: direction.pointer, inputs: setup.inputs.pointer,
      labels: setup.labels, count: setup.count, loss: setup.options, scale: 0.5, gradient: gradient.pointer,
      product: product.pointer)
    let exact = setup.lossAndGradient(at: setup.parameters).gradient
    for i in 0..<exact.count { #expect(abs(gradient[i] - exact[i]) <= 1e-12 * (1 + abs(exact[i]))) }
    let h = 1e-4
    let at = { setup.lossAndGradient(at: setup.moved($0, direction)).gradient }
    let (p1, m1, p2, m2) = (at(h), at(-h), at(2 * h), at(-2 * h))
    let scale = Double.largestMagnitude(product.count, product.pointer)
    for i in 0..<product.count {
      let slope = (8 * (p1[i] - m1[i]) - (p2[i] - m2[i])) / (12 * h)
      #expect(abs(product[i] - slope) < 1e-6 * scale)
    }
  }

  /// What evaluation takes for the statistics of one batch are that batch's own.
  @Test(arguments: cases) func evaluationWithOneBatchsStatistics(item: Case) throws {
    let setup = try Setup(item)
    let training = setup.workspace.evaluate(
      parameters: setup.parameters.pointer, inputs: setup.inputs.pointer, labels: setup.labels,
      count: setup.count, mode: .training)
    let logits = setup.workspace.logits.array
    setup.workspace.clearStatistics()
    setup.workspace.gatherStatistics(
      parameters: setup.parameters.pointer, inputs: setup.inputs.pointer, count: setup.count)
    let evaluation = setup.workspace.evaluate(
      parameters: setup.parameters.pointer, inputs: setup.inputs.pointer, labels: setup.labels,
      count: setup.count, mode: .evaluation)
    #expect(abs(training.lossSum - evaluation.lossSum) < 1e-10)
    // One sample alone gives the same logits: nothing depends on the batch any more.
    let sample = 2
    setup.workspace.evaluate(
      parameters: setup.parameters.pointer, inputs: setup.inputs.pointer + sample * item.input.count,
      labels: [setup.labels[sample]], count: 1, mode: .evaluation)
    for c in 0..<3 { #expect(abs(setup.workspace.logits[c] - logits[sample * 3 + c]) < 1e-10) }
  }
}
