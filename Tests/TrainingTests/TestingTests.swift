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

  private let data = Problems.gaussian(samples: 150, dimensions: 6, classes: 3)

  private func trainer(_ architecture: Architecture, maxSteps: Int) throws -> Trainer<Double> {
    let procedure = Procedure.with {
      $0.precision = .double
      $0.shards = 2
      $0.batchSize = .size(50)
      $0.maxSteps = maxSteps
      $0.regularization.labelSmoothing = 0.1
      $0.regularization.coupledWeightDecay = 1e-3
    }
    return try Trainer(
      architecture: architecture, trainingSet: data, procedure: procedure, key: Problems.key(150))
  }

  @Test("on the training set finds what the report says", arguments: architectures)
  func trainingSet(architecture: Architecture) throws {
    let trainer = try trainer(architecture, maxSteps: 60)
    let report = try #require(trainer.run(shouldStop: { false }))
    let test = try #require(trainer.test(on: data, shouldStop: { false }))
    #expect(test.samples == 150)
    #expect(test.accuracy == report.trainingAccuracy)
    #expect(test.loss.isFinite && test.loss != report.loss)
    #expect(trainer.test(on: data, shouldStop: { false }) == test)
  }

  @Test("finds the same on the way as where training ended there", arguments: architectures)
  func onTheWay(architecture: Architecture) throws {
    let ended = try trainer(architecture, maxSteps: 31)
    let report = try #require(ended.run(shouldStop: { false }))
    let stopped = try trainer(architecture, maxSteps: 60)
    #expect(stopped.run(shouldStop: { stopped.steps == 31 }) == nil)
    let test = try #require(stopped.test(on: data, shouldStop: { false }))
    #expect(test == ended.test(on: data, shouldStop: { false }))
    #expect(test.accuracy == report.trainingAccuracy)
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
