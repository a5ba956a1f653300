import Compute
import Networks
import Testing
import Training

/// A batch is run in chunks that stay in the cache, where its samples have nothing to do with each other.
@Suite("Chunks of a batch")
struct ChunkTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let architecture: Architecture
    let isCut: Bool
    let testDescription: String
  }

  static let samples = 96
  static let image = SampleShape.image(height: 32, width: 32, channels: 3)
  static let cases: [Case] = [
    Case(architecture: .mlp(MultilayerPerceptron(hidden: [64, 64])), isCut: false, testDescription: "mlp"),
    Case(architecture: .cnn(ConvolutionalNetwork(channels: [16, 32])), isCut: true, testDescription: "cnn"),
    Case(
      architecture: .cnn(ConvolutionalNetwork(channels: [16, 32], normalization: .batch)), isCut: false,
      testDescription: "cnn with batch norm"),
    Case(
      architecture: .vit(VisionTransformer(patch: 4, width: 64, depth: 2, heads: 4)), isCut: true,
      testDescription: "vit"),
    Case(
      architecture: .resnet(ResidualNetwork(stem: 16, stages: [16, 32])), isCut: false,
      testDescription: "resnet"),
  ]

  @Test("a step is that of the batch as a whole", arguments: cases)
  func step(_ sample: Case) throws {
    let points = Problems.gaussian(samples: Self.samples, dimensions: Self.image.count, classes: 10)
    let data = TrainingSet(inputs: points.inputs, labels: points.labels, shape: Self.image, classes: 10)
    let network = try Network<Double>(sample.architecture, input: Self.image, classes: 10)
    let procedure = Procedure.with {
      $0.precision = .double
      $0.optimizer = .sgd(momentum: 0, nesterov: false)
      $0.learningRate = .fixed(0.5)
      $0.batchSize = .size(Self.samples)
      $0.maxSteps = 1
    }
    let plan = BatchPlan(samples: Self.samples, network: network, procedure: procedure)
    #expect((plan.capacity < Self.samples) == sample.isCut, "\(plan)")

    let key = Problems.key(Self.samples)
    let trainer = try Trainer(
      architecture: sample.architecture, trainingSet: data, procedure: procedure, key: key)
    let expected = trainer.variables.copy()
    _ = trainer.run(shouldStop: { false })
    let gradient = Buffer<Double>(count: network.parameterCount)
    network.makeWorkspace(capacity: Self.samples).lossAndGradient(
      parameters: expected.pointer, inputs: data.inputs.pointer, labels: data.labels, count: Self.samples,
      scale: 1 / Double(Self.samples), gradient: gradient.pointer)
    let largest = (0..<gradient.count).reduce(0) { max($0, abs(gradient[$1])) }
    for i in 0..<expected.count {
      let moved = expected[i] - 0.5 * gradient[i]
      #expect(abs(trainer.variables[i] - moved) <= 1e-11 * largest)
    }
  }
}
