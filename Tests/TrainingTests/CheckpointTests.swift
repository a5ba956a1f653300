import Compute
import Foundation
import Networks
import Testing
import Training

@Suite("Checkpoints")
struct CheckpointTests {
  private static let optimizers: [OptimizerKind] = [
    .sgd(momentum: 0.9, nesterov: true), .gradientDescent, .adam(), .shampoo(refresh: 5), .lbfgs(), .muon(),
  ]
  private let architecture = Architecture.mlp(MultilayerPerceptron(hidden: [12, 8], activation: .tanh))
  private let data = Problems.gaussian(samples: 150, dimensions: 8)

  private func procedure(_ optimizer: OptimizerKind) -> Procedure {
    .with {
      $0.optimizer = optimizer
      $0.learningRate = .fixed(0.01)
      $0.batchSize = .size(32)
      $0.schedule = Schedule(.plateau(PlateauDecay(patience: 20)), warmupSteps: 10)
      $0.maxSteps = 260
      $0.convergence.lossWindow = 30
    }
  }

  @Test("a probe that is stopped, written, read and resumed ends with the same bits", arguments: optimizers)
  func resume(optimizer: OptimizerKind) throws {
    let procedure = procedure(optimizer)
    let whole = try outcome(architecture, data, procedure)
    // 13 lies within an epoch of five steps, 20 at the end of one.
    var bytes: Data?
    for stop in [13, 20, 34] {
      var polls = 0
      var state: TrainingState?
      let start = try bytes.map { try TrainingState(encoded: $0) }
      let report = try train(
        architecture: architecture, trainingSet: data, procedure: procedure, key: Problems.key(data.count),
        checkpoints: Checkpoints(resume: start) { state = $0 },
        shouldStop: {
          polls += 1
          return polls + (start?.steps ?? 0) > stop
        })
      #expect(report == nil)
      #expect(state?.steps == stop)
      bytes = try state?.encoded()
    }
    let last = try TrainingState(encoded: try #require(bytes))
    let resumed = try train(
      architecture: architecture, trainingSet: data, procedure: procedure, key: Problems.key(data.count),
      checkpoints: Checkpoints(resume: last) { _ in }, shouldStop: { false })
    #expect(resumed == whole)
  }

  @Test("a probe stopped within the check of its Hessian makes it again")
  func stoppedInCheck() throws {
    let data = Problems.gaussian(samples: 120, dimensions: 6)
    let procedure = Procedure.with {
      $0.batchSize = .full
      $0.learningRate = .fixed(0.5)
    }
    let whole = try outcome(.linear, data, procedure)
    #expect(whole.outcome == .minimum)
    var state: TrainingState?
    var polls = 0
    // The poll after the last step's is the first within Lanczos.
    let report = try train(
      architecture: .linear, trainingSet: data, procedure: procedure, key: Problems.key(data.count),
      checkpoints: Checkpoints { state = $0 },
      shouldStop: {
        polls += 1
        return polls == whole.steps + 2
      })
    #expect(report == nil)
    #expect(state?.steps == whole.steps)
    let resumed = try train(
      architecture: .linear, trainingSet: data, procedure: procedure, key: Problems.key(data.count),
      checkpoints: Checkpoints(resume: state) { _ in }, shouldStop: { false })
    #expect(resumed == whole)
  }

  @Test("checkpoints come at the interval asked for")
  func interval() throws {
    var steps: [Int] = []
    _ = try train(
      architecture: architecture, trainingSet: data, procedure: procedure(.sgd()),
      key: Problems.key(data.count), checkpoints: Checkpoints(everySteps: 100) { steps.append($0.steps) },
      shouldStop: { false })
    #expect(steps == [100, 200])
  }

  @Test("another probe's checkpoint, cut bytes and other versions are refused")
  func refused() throws {
    var state: TrainingState?
    _ = try train(
      architecture: architecture, trainingSet: data, procedure: procedure(.adam()),
      key: Problems.key(data.count), checkpoints: Checkpoints { state = $0 }, shouldStop: { true })
    let bytes = try #require(state).encoded()
    func resume(_ optimizer: OptimizerKind, replicate: Int) throws {
      _ = try train(
        architecture: architecture, trainingSet: data, procedure: procedure(optimizer),
        key: Problems.key(data.count, replicate: replicate),
        checkpoints: Checkpoints(resume: try TrainingState(encoded: bytes)) { _ in }, shouldStop: { true })
    }
    try resume(.adam(), replicate: 0)
    #expect(throws: CheckpointError.otherProbe) { try resume(.adam(), replicate: 1) }
    #expect(throws: CheckpointError.otherProbe) { try resume(.sgd(), replicate: 0) }
    #expect(throws: CheckpointError.unreadable) { try TrainingState(encoded: bytes.prefix(bytes.count / 2)) }
    #expect(throws: CheckpointError.unreadable) { try TrainingState(encoded: Data()) }
    let later = try PropertyListSerialization.data(
      fromPropertyList: ["version": 99], format: .binary, options: 0)
    #expect(throws: CheckpointError.version(99)) { try TrainingState(encoded: later) }
  }
}
