import Compute
import Networks
import Testing

/// Dropout in whole networks, in double precision.
@Suite struct DropoutTests {
  static let image = SampleShape.image(height: 4, width: 4, channels: 2)

  /// Networks whose dropout is given.
  static let networks: [@Sendable (Double) -> Architecture] = [
    { .mlp(MultilayerPerceptron(hidden: [8, 6], activation: .tanh, dropout: $0)) },
    { .cnn(ConvolutionalNetwork(channels: [4], hidden: [7], activation: .gelu, dropout: $0)) },
    { .vit(VisionTransformer(patch: 2, width: 6, depth: 2, heads: 2, mlpWidth: 8, dropout: $0)) },
    {
      .efficientnet(
        EfficientNetwork(
          stem: 3, stages: [.init(expansion: 2, channels: 4, repeats: 1)], head: 9, dropout: $0))
    },
    {
      SequentialCases.list(
        SequentialCases.convolution(4, 3, groups: 2), .activation(.tanh),
        .residual(
          layers: SequentialCases.layers(SequentialCases.convolution(4, 1), .dropout(rate: $0)),
          shortcut: .identity),
        SequentialCases.linear(7), .activation(.gelu), .dropout(rate: $0))
    },
  ]

  final class Setup {
    let network: Network<Double>
    let workspace: Workspace<Double>
    let inputs, parameters: Buffer<Double>
    let labels: [Int32] = [0, 1, 2, 0, 2]
    let stream = RandomStream(seed: 5, purpose: .dropout, index: 2)

    init(_ architecture: Architecture) throws {
      network = try Network(architecture, input: DropoutTests.image, classes: 3)
      workspace = network.makeWorkspace(capacity: 5)
      var normals = RandomStream(seed: 3, purpose: .inputs)
      inputs = Buffer((0..<5 * DropoutTests.image.count).map { _ in normals.normal() })
      parameters = Buffer(count: network.parameterCount)
      network.initialize(parameters.pointer, seed: 4, samples: 5, replicate: 0)
    }

    func step(
      _ stream: RandomStream?, at point: Buffer<Double>? = nil
    ) -> (loss: Double, gradient: Buffer<Double>) {
      let point = point ?? parameters
      let gradient = Buffer<Double>(repeatElement(.nan, count: point.count))
      let summary = workspace.lossAndGradient(
        parameters: point.pointer, inputs: inputs.pointer, labels: labels, count: 5,
        loss: LossOptions(dropout: stream), scale: 1, gradient: gradient.pointer)
      return (summary.lossSum, gradient)
    }

    func evaluation() -> Double {
      workspace.clearStatistics()
      workspace.gatherStatistics(parameters: parameters.pointer, inputs: inputs.pointer, count: 5)
      return workspace.evaluate(
        parameters: parameters.pointer, inputs: inputs.pointer, labels: labels, count: 5,
        loss: LossOptions(dropout: stream)
      ).lossSum
    }
  }

  @Test(arguments: networks.indices) func aStepsGradientIsThatOfWhatItKept(number: Int) throws {
    let setup = try Setup(Self.networks[number](0.4))
    let (loss, gradient) = setup.step(setup.stream)
    var normals = RandomStream(seed: 9, purpose: .lanczos)
    let direction = Buffer((0..<gradient.count).map { _ in normals.normal() })
    let moved = { (h: Double) in
      let point = setup.parameters.copy()
      Double.addScaled(point.count, h, direction.pointer, point.pointer)
      return setup.step(setup.stream, at: point).loss
    }
    let h = 1e-6
    let slope = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h)
    let product = Double.dot(gradient.count, gradient.pointer, direction.pointer)
    #expect(abs(slope - product) < 1e-5 * max(1, abs(slope)))
    #expect(setup.step(setup.stream).loss == loss)
    #expect(setup.step(RandomStream(seed: 5, purpose: .dropout, index: 3)).loss != loss)
  }

  @Test(arguments: networks.indices) func evaluationDropsNothing(number: Int) throws {
    let (with, without) = (try Setup(Self.networks[number](0.4)), try Setup(Self.networks[number](0)))
    #expect(with.network.hasDropout && !without.network.hasDropout)
    #expect(with.evaluation() == without.evaluation())
    #expect(with.step(nil).loss == without.step(nil).loss)
    #expect(with.step(with.stream).loss != without.step(nil).loss)
  }
}
