import Compute
import Foundation
import Networks
import Testing

/// Kinks of the activations, rounded over a given width: max(z, 0) becomes (z + √(z² + μ²)) / 2.
@Suite("Rounded kinks")
struct KinkTests {
  private static let cases: [DerivativeTests.Case] =
    [
      .init(
        architecture: .mlp(MultilayerPerceptron(hidden: [7, 5], activation: .relu)),
        input: .features(6)),
      .init(
        architecture: .mlp(MultilayerPerceptron(hidden: [9], activation: .leakyReLU, normalization: .batch)),
        input: .features(5)),
      .init(
        architecture: .mlp(MultilayerPerceptron(hidden: [8], activation: .relu, normalization: .layer)),
        input: .features(5)),
      .init(
        architecture: .cnn(ConvolutionalNetwork(channels: [3, 4], hidden: [5], activation: .relu)),
        input: .image(height: 5, width: 7, channels: 2)),
      .init(
        architecture: .cnn(
          ConvolutionalNetwork(
            channels: [4], activation: .leakyReLU, normalization: .batch, pooling: .average)),
        input: .image(height: 6, width: 5, channels: 1)),
      .init(
        architecture: .resnet(ResidualNetwork(stem: 3, stages: [3, 4], blocks: [2, 1], activation: .relu)),
        input: .image(height: 5, width: 4, channels: 2)),
      .init(
        architecture: .vit(
          VisionTransformer(patch: 2, width: 6, depth: 1, heads: 3, mlpWidth: 5, activation: .relu)),
        input: .image(height: 4, width: 2, channels: 3)),
      .init(
        architecture: .efficientnet(
          EfficientNetwork(
            stem: 3, stages: [.init(expansion: 2, channels: 4, repeats: 1, stride: 1, kernel: 3)], head: 5,
            activation: .relu)),
        input: .image(height: 5, width: 4, channels: 2)),
    ]
    + [Activation.relu, .leakyReLU].flatMap { activation in
      SequentialCases.all(activation).map { .init(architecture: $0.architecture, input: $0.input) }
    }

  private func rounded(_ setup: DerivativeTests.Setup, by width: Double) {
    setup.workspace.kinkWidths = Buffer(
      [Double](repeating: width, count: setup.network.kinkCount))
  }

  @Test("the gradient is the loss's slope", arguments: cases)
  func gradient(item: DerivativeTests.Case) throws {
    let setup = try DerivativeTests.Setup(item)
    #expect(setup.network.kinkCount > 0)
    rounded(setup, by: 0.3)
    let gradient = setup.lossAndGradient(at: setup.parameters).gradient
    for seed in 1..<4 {
      let direction = setup.direction(UInt64(seed))
      // So short that max pooling rarely chooses anew on the way.
      let h = 1e-6
      let loss = { setup.lossAndGradient(at: setup.moved($0, direction)).loss }
      let slope = (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h)
      let product = Double.dot(gradient.count, gradient.pointer, direction.pointer)
      #expect(abs(slope - product) < 1e-5 * max(1, abs(slope)))
    }
  }

  @Test("the loss tends to that of the network itself, and evaluation is the network's", arguments: cases)
  func limit(item: DerivativeTests.Case) throws {
    let setup = try DerivativeTests.Setup(item)
    let exact = setup.lossAndGradient(at: setup.parameters).loss
    func distance(_ width: Double) -> Double {
      rounded(setup, by: width)
      return abs(setup.lossAndGradient(at: setup.parameters).loss - exact)
    }
    #expect(distance(0.5) > 1e-6)
    #expect(distance(1e-9) < 1e-7)
    #expect(distance(0) == 0)
    rounded(setup, by: 0.5)
    setup.workspace.clearStatistics()
    setup.workspace.gatherStatistics(
      parameters: setup.parameters.pointer, inputs: setup.inputs.pointer, count: setup.count)
    func evaluation() -> Double {
      setup.workspace.evaluate(
        parameters: setup.parameters.pointer, inputs: setup.inputs.pointer, labels: setup.labels,
        count: setup.count, mode: .evaluation
      ).lossSum
    }
    let withWidths = evaluation()
    setup.workspace.kinkWidths = nil
    #expect(evaluation() == withWidths)
  }

  @Test("moments are those of what the activation is taken of")
  func moments() throws {
    let network = try Network<Double>(
      .mlp(MultilayerPerceptron(hidden: [3], activation: .relu)), input: .features(2), classes: 2)
    let workspace = network.makeWorkspace(capacity: 4)
    let parameters = Buffer<Double>(count: network.parameterCount)
    let weights = [1.0, 2, -1, 0.5, 3, -2]
    let biases = [0.1, -0.2, 0.3]
    network.importTensor(named: "fc.0.weight", values: weights, into: parameters.pointer)
    network.importTensor(named: "fc.0.bias", values: biases, into: parameters.pointer)
    let inputs = Buffer([1.0, -1, 0.5, 2, -3, 0.25, 2, 2])
    let moments = Buffer<Double>(count: 3)
    workspace.addKinkMoments(
      parameters: parameters.pointer, inputs: inputs.pointer, count: 4, moments: moments)
    let values = (0..<4).flatMap { i in
      (0..<3).map { weights[2 * $0] * inputs[2 * i] + weights[2 * $0 + 1] * inputs[2 * i + 1] + biases[$0] }
    }
    #expect(moments[0] == 12)
    #expect(abs(moments[1] - values.reduce(0, +)) < 1e-12)
    #expect(abs(moments[2] - values.reduce(0) { $0 + $1 * $1 }) < 1e-12)
  }

  @Test("values and slopes keep their digits far from the kink", arguments: [0.0, 0.01])
  func digits(leak: Double) {
    let z = [-1e6, -300, -2, -0.1, -1e-9, 0, 1e-9, 0.1, 2, 300, 1e6]
    let width = 0.02
    let a = Buffer(z)
    Double.smoothKink(z.count, leak: leak, width: width, a.pointer, a.pointer)
    let slopes = Buffer<Double>(repeatElement(1, count: z.count))
    Double.smoothKinkBackward(z.count, leak: leak, width: width, a.pointer, slopes.pointer)
    for (i, x) in z.enumerated() {
      let root = (x * x + width * width).squareRoot()
      // μ² / (2 (r − z)) is the same number as (z + r) / 2.
      let part = x > 0 ? (x + root) / 2 : width * width / (2 * (root - x))
      let wanted = leak * x + (1 - leak) * part
      #expect(abs(a[i] - wanted) <= 1e-14 * abs(wanted))
      let slope = leak + (1 - leak) * (x > 0 ? (root + x) / 2 : width * width / (2 * (root - x))) / root
      #expect(abs(slopes[i] - slope) <= 1e-11 * max(slope, leak), "z = \(x)")
    }
  }
}
