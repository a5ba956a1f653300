import Networks
import Testing
import Training

@Suite("Testing a trained network")
struct TestingTests {
  static let architectures: [Architecture] = [
    .mlp(MultilayerPerceptron(hidden: [12])),
    .mlp(MultilayerPerceptron(hidden: [12], normalization: .batch)),
    .mlp(MultilayerPerceptron(hidden: [12], dropout: 0.3)),
  ]

  @Test("on the training set finds what the report says", arguments: architectures)
  func trainingSet(architecture: Architecture) throws {
    let data = Problems.gaussian(samples: 150, dimensions: 6, classes: 3)
    let procedure = Procedure.with {
      $0.precision = .double
      $0.shards = 2
      $0.batchSize = .size(50)
      $0.maxSteps = 60
      $0.regularization.labelSmoothing = 0.1
      $0.regularization.coupledWeightDecay = 1e-3
    }
    let trainer = try Trainer(
      architecture: architecture, trainingSet: data, procedure: procedure, key: Problems.key(150))
    let report = try #require(trainer.run(shouldStop: { false }))
    let test = try #require(trainer.test(on: data, shouldStop: { false }))
    #expect(test.samples == 150)
    #expect(test.accuracy == report.trainingAccuracy)
    #expect(test.loss.isFinite && test.loss != report.loss)
    #expect(trainer.test(on: data, shouldStop: { false }) == test)
  }

  @Test("the loss is the mean cross-entropy")
  func loss() throws {
    let data = Problems.separable(samples: 90, dimensions: 4)
    let procedure = Procedure.with {
      $0.precision = .double
      $0.maxSteps = 40
    }
    let trainer = try Trainer(
      architecture: .linear, trainingSet: data, procedure: procedure, key: Problems.key(90))
    let report = try #require(trainer.run(shouldStop: { false }))
    let test = try #require(trainer.test(on: data, shouldStop: { false }))
    // Without smoothing and decay the objective is nothing else.
    #expect(abs(test.loss - report.loss) <= 1e-12)
  }
}
