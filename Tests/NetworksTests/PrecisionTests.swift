import Compute
import Networks
import Testing

/// Single precision takes other ways through a network than double (Winograd's convolutions, other product tiles):
/// the same loss and gradient, but for rounding.
@Suite struct PrecisionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let architecture: Architecture
    let input: SampleShape
    var testDescription: String { "\(architecture)" }
  }

  static let cases =
    [
      Case(
        architecture: .resnet(ResidualNetwork(stem: 8, stages: [8, 16, 32], blocks: [2, 1, 1])),
        input: .image(height: 16, width: 12, channels: 3)),
      Case(
        architecture: .resnet(ResidualNetwork(stem: 16, stages: [16, 24], activation: .gelu)),
        input: .image(height: 13, width: 8, channels: 8)),
      Case(
        architecture: .cnn(ConvolutionalNetwork(channels: [8, 16], hidden: [24])),
        input: .image(height: 16, width: 16, channels: 8)),
      // Five images at a time, then four and at last two; at 7 × 7 a line and a column fill no window.
      Case(
        architecture: .cnn(ConvolutionalNetwork(channels: [24, 16, 8], hidden: [24])),
        input: .image(height: 14, width: 14, channels: 8)),
      Case(
        architecture: .cnn(ConvolutionalNetwork(channels: [8, 16], hidden: [24], activation: .silu)),
        input: .image(height: 24, width: 16, channels: 8)),
      Case(
        architecture: .vit(VisionTransformer(patch: 4, width: 32, depth: 2, heads: 4, mlpWidth: 64)),
        input: .image(height: 16, width: 16, channels: 3)),
      // Groups of channels that Winograd's transforms take.
      Case(
        architecture: SequentialCases.list(
          SequentialCases.convolution(16), .activation(.silu), SequentialCases.convolution(16, groups: 2),
          SequentialCases.pool(.max, 3, stride: 2, padding: 1), SequentialCases.convolution(8, 5, stride: 2),
          .globalAveragePool),
        input: .image(height: 16, width: 16, channels: 8)),
    ] + SequentialCases.all(.gelu).map { Case(architecture: $0.architecture, input: $0.input) }

  func lossAndGradient<S: Scalar>(_ type: S.Type, _ item: Case) throws -> (loss: Double, gradient: [Double]) {
    let (count, classes) = (10, 5)
    let network = try Network<S>(item.architecture, input: item.input, classes: classes)
    let workspace = network.makeWorkspace(capacity: 16)
    var stream = RandomStream(seed: 3, purpose: .inputs)
    // Drawn in single precision, so that both start from the same numbers.
    let inputs = Buffer((0..<count * item.input.count).map { _ in S(Float(stream.normal())) })
    let labels = (0..<count).map { _ in Int32(stream.below(UInt64(classes))) }
    let single = try Network<Float>(item.architecture, input: item.input, classes: classes)
    let start = Buffer<Float>(count: single.parameterCount)
    single.initialize(start.pointer, seed: 4, samples: count, replicate: 0)
    let parameters = Buffer((0..<start.count).map { S(start[$0]) })
    let gradient = Buffer<S>(repeatElement(.nan, count: network.parameterCount))
    let summary = workspace.lossAndGradient(
      parameters: parameters.pointer, inputs: inputs.pointer, labels: labels, count: count,
      loss: LossOptions(), scale: 1 / S(count), gradient: gradient.pointer)
    return (summary.lossSum, (0..<gradient.count).map { Double(gradient[$0]) })
  }

  @Test(arguments: cases) func singleFollowsDouble(item: Case) throws {
    let single = try lossAndGradient(Float.self, item)
    let double = try lossAndGradient(Double.self, item)
    #expect(abs(single.loss - double.loss) < 1e-5 * double.loss)
    let largest = try #require(double.gradient.map(abs).max())
    let worst = zip(single.gradient, double.gradient).map { abs($0 - $1) }.max() ?? .infinity
    let isFinite = single.gradient.allSatisfy(\.isFinite)
    #expect(isFinite)
    #expect(worst < 2e-4 * largest, "\(worst / largest) of the largest entry")
  }
}
