import Compute
import Foundation
import Networks
import Testing
import Training

/// Every input comes three times, twice with one label and once with the other, so that no network fits: the
/// best that one can do is to say 2/3 for each, at finite parameters, with loss log 3 − 2/3 log 2.
@Suite("Minima of every architecture")
struct MinimumTests {
  private static let architectures: [Architecture] = [
    .linear,
    .mlp(MultilayerPerceptron(hidden: [6], activation: .tanh)),
    .mlp(MultilayerPerceptron(hidden: [6], activation: .gelu, normalization: .batch)),
    .mlp(MultilayerPerceptron(hidden: [6], activation: .silu, normalization: .layer)),
    .cnn(ConvolutionalNetwork(channels: [6], hidden: [8], activation: .tanh)),
    .cnn(ConvolutionalNetwork(channels: [6], hidden: [8], activation: .gelu, normalization: .batch)),
    .vit(VisionTransformer(patch: 2, width: 8, depth: 1, heads: 2, mlpWidth: 12)),
    .resnet(ResidualNetwork(stem: 4, stages: [4, 6], blocks: 1, activation: .gelu)),
    .efficientnet(
      EfficientNetwork(
        stem: 4,
        stages: [
          .init(expansion: 1, channels: 4, repeats: 1),
          .init(expansion: 2, channels: 6, repeats: 1, stride: 2),
        ], head: 8)),
  ]

  private var data: TrainingSet<Double> {
    let distinct = 8
    let inputs = Buffer<Double>(count: 3 * distinct * 16)
    var labels: [Int32] = []
    for sample in 0..<3 * distinct {
      var stream = RandomStream(seed: 5, purpose: .inputs, index: sample % distinct)
      for i in 0..<16 { inputs[sample * 16 + i] = stream.normal() }
      let most = Int32(stream.below(2))
      labels.append(sample < 2 * distinct ? most : 1 - most)
    }
    return TrainingSet(
      inputs: inputs, labels: labels, shape: .image(height: 4, width: 4, channels: 1), classes: 2)
  }

  @Test("L-BFGS ends at a verified minimum", arguments: architectures)
  func minimum(architecture: Architecture) throws {
    let report = try outcome(
      architecture, data,
      .with {
        $0.optimizer = .lbfgs(history: 20)
        $0.precision = .double
        $0.convergence.gradientNorm = 1e-5
        $0.convergence.lossWindow = 20
      })
    #expect(report.outcome == .minimum, "\(report)")
    #expect(report.trainingAccuracy == 2.0 / 3)
    #expect(abs(report.loss - (log(3.0) - 2.0 / 3 * log(2.0))) <= 1e-6)
    let curvature = try #require(report.curvature)
    #expect(curvature.converged)
    #expect(curvature.smallest >= -1e-3 * curvature.largest)
    #expect(curvature.samples == 24)
  }
}
