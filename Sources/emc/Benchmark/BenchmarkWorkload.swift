import Compute
import Networks
import Training

/// A training step whose speed is measured: one architecture on one shape of input, batches of 128.
struct BenchmarkWorkload: Sendable {
  let name: String
  let architecture: Architecture
  let input: SampleShape

  /// Samples that the batches are gathered from.
  static let samples = 2048
  static let batch = 128
  static let classes = 10

  static let all: [BenchmarkWorkload] = [
    BenchmarkWorkload(
      name: "mlp", architecture: .mlp(MultilayerPerceptron(hidden: [64, 64])), input: .features(784)),
    BenchmarkWorkload(
      name: "cnn", architecture: .cnn(ConvolutionalNetwork(channels: [16, 32], hidden: [64])),
      input: .image(height: 32, width: 32, channels: 3)),
    BenchmarkWorkload(
      name: "vit",
      architecture: .vit(
        VisionTransformer(patch: 4, width: 64, depth: 2, heads: 4, mlpWidth: 128, activation: .gelu)),
      input: .image(height: 32, width: 32, channels: 3)),
    BenchmarkWorkload(
      name: "resnet", architecture: .resnet(ResidualNetwork(stem: 16, stages: [16, 32, 64])),
      input: .image(height: 32, width: 32, channels: 3)),
  ]

  /// Standard normal inputs and random labels, others for every replicate.
  func trainingSet(samples: Int = samples, replicate: Int = 0) -> TrainingSet<Float> {
    var stream = RandomStream(seed: 1, purpose: .inputs, samples: samples, replicate: replicate)
    let inputs = Buffer((0..<samples * input.count).map { _ in Float(stream.normal()) })
    let labels = (0..<samples).map { _ in Int32(stream.below(UInt64(Self.classes))) }
    return TrainingSet(inputs: inputs, labels: labels, shape: input, classes: Self.classes)
  }

  /// Training as the service's, by SGD with momentum in single precision, that comes to no end: at a rate at which
  /// nothing is fitted, and without looks at whether the loss has settled.
  func endlessTrainer(shards: Int = 1, threads: Int = 1, replicate: Int = 0) throws -> Trainer<Float> {
    var procedure = Procedure()
    procedure.batchSize = .size(Self.batch)
    procedure.shards = shards
    procedure.learningRate = .fixed(1e-7)
    procedure.maxSteps = .max
    procedure.convergence.lossWindow = .max
    return try Trainer(
      architecture: architecture, trainingSet: trainingSet(replicate: replicate), procedure: procedure,
      key: ProbeKey(seed: 1, samples: Self.samples, replicate: replicate), threads: threads)
  }
}

extension Trainer {
  /// Takes steps until one has ended and `isOver` says so of the number taken; returns that number.
  @discardableResult func takeSteps(until isOver: (Int) -> Bool) -> Int {
    let first = steps
    var asked = first
    _ = run(shouldStop: {
      // Asked before every step, and within long ones.
      defer { asked = steps }
      return steps > asked && isOver(steps - first)
    })
    return steps - first
  }
}
