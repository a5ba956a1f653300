import Compute
import Foundation
import Networks
import Testing
import Training

/// A probe whose state is written and read back on the way.
struct Resumption: Sendable, CustomTestStringConvertible {
  static let perceptron = Architecture.mlp(MultilayerPerceptron(hidden: [12, 8], activation: .tanh))
  static let optimizers: [OptimizerKind] = [
    .sgd(momentum: 0.9, nesterov: true), .gradientDescent, .adam(), .adamW(), .shampoo(refresh: 5), .lbfgs(),
    .muon(),
  ]
  static let schedules: [Schedule] = [
    .constant, Schedule(.constant, warmupSteps: 40), Schedule(.cosine(CosineDecay()), warmupSteps: 10),
    Schedule(.step(StepDecay(every: 15, factor: 0.7))),
    Schedule(.plateau(PlateauDecay(patience: 20)), warmupSteps: 10),
  ]

  let name: String
  var architecture = Resumption.perceptron
  var threads = 1
  var procedure: Procedure
  var testDescription: String { name }

  init(
    _ name: String, _ optimizer: OptimizerKind = .sgd(), architecture: Architecture = Resumption.perceptron,
    _ change: (inout Procedure) -> Void = { _ in }
  ) {
    self.name = "\(name), \(optimizer)"
    self.architecture = architecture
    procedure = .with {
      $0.optimizer = optimizer
      $0.learningRate = .fixed(0.01)
      $0.batchSize = .size(32)
      $0.schedule = optimizer == .lbfgs() ? .constant : Resumption.schedules[4]
      $0.maxSteps = 120
      $0.convergence.lossWindow = 30
      change(&$0)
    }
    if procedure.shards > 1 { threads = 2 }
  }

  /// Every optimizer in both precisions, plain, in a subspace, quantised and in shards; every schedule;
  /// everything else that keeps something from step to step.
  static let all: [Resumption] =
    [Precision.single, .double].flatMap { precision in
      optimizers.flatMap { optimizer in
        [
          Resumption("\(precision)", optimizer) { $0.precision = precision },
          Resumption("\(precision), subspace", optimizer) {
            $0.precision = precision
            $0.reparameterization = .subspace(dimension: 60)
          },
          Resumption("\(precision), quantised", optimizer) {
            $0.precision = precision
            $0.reparameterization = .quantized(bits: 6)
          },
          Resumption("\(precision), shards", optimizer) {
            $0.precision = precision
            $0.shards = 3
          },
        ]
      }
        + schedules.map { schedule in
          Resumption("\(precision), \(schedule)") {
            $0.precision = precision
            $0.schedule = schedule
          }
        }
    } + [
      Resumption("all at once", .adamW()) {
        $0.precision = .double
        $0.shards = 2
        $0.reparameterization = .subspace(dimension: 50)
        $0.schedule = schedules[2]
        $0.regularization = Regularization(
          coupledWeightDecay: 1e-3, decoupledWeightDecay: 1e-2, labelSmoothing: 0.1, sharpnessRadius: 0.05,
          gradientClip: 0.5)
      },
      Resumption(
        "dropout",
        architecture: .mlp(MultilayerPerceptron(hidden: [12, 8], dropout: 0.3))
      ) { $0.shards = 2 },
      Resumption(
        "batch norm",
        architecture: .mlp(MultilayerPerceptron(hidden: [12, 8], normalization: .batch))),
    ]
}

@Suite("Checkpoints")
struct CheckpointTests {
  private let architecture = Resumption.perceptron
  private let data = Problems.gaussian(samples: 150, dimensions: 8)

  private func procedure(_ optimizer: OptimizerKind) -> Procedure {
    var procedure = Resumption("", optimizer).procedure
    procedure.maxSteps = 260
    return procedure
  }

  private func run(
    _ item: Resumption, from bytes: Data?, stopAfter polls: Int? = nil
  ) throws -> (report: TrainingReport?, state: TrainingState?) {
    var polled = 0
    var state: TrainingState?
    let start = try bytes.map { try TrainingState(encoded: $0) }
    let report = try train(
      architecture: item.architecture, trainingSet: data, procedure: item.procedure,
      key: Problems.key(data.count), threads: item.threads,
      checkpoints: StateKeeping(resume: start) { state = $0 },
      shouldStop: {
        polled += 1
        return polls.map { polled + (start?.steps ?? 0) > $0 } ?? false
      })
    return (report, state)
  }

  @Test(
    "a probe that is stopped, written, read and resumed ends with the same bits", arguments: Resumption.all)
  func resume(item: Resumption) throws {
    let whole = try outcome(item.architecture, data, item.procedure, threads: item.threads)
    // 13 lies within an epoch of five steps, 20 at the end of one.
    var bytes: Data?
    for stop in [13, 20, 34] {
      let (report, state) = try run(item, from: bytes, stopAfter: stop)
      #expect(report == nil)
      #expect(state?.steps == stop)
      bytes = try state?.encoded()
    }
    #expect(try run(item, from: bytes).report == whole)
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
      checkpoints: StateKeeping { state = $0 },
      shouldStop: {
        polls += 1
        return polls == whole.steps + 2
      })
    #expect(report == nil)
    #expect(state?.steps == whole.steps)
    let resumed = try train(
      architecture: .linear, trainingSet: data, procedure: procedure, key: Problems.key(data.count),
      checkpoints: StateKeeping(resume: state) { _ in }, shouldStop: { false })
    #expect(resumed == whole)
  }

  @Test("checkpoints come at the interval asked for")
  func interval() throws {
    var steps: [Int] = []
    _ = try train(
      architecture: architecture, trainingSet: data, procedure: procedure(.sgd()),
      key: Problems.key(data.count), checkpoints: StateKeeping(everySteps: 100) { steps.append($0.steps) },
      shouldStop: { false })
    #expect(steps == [100, 200])
  }

  @Test("another probe's checkpoint, cut bytes and other versions are refused")
  func refused() throws {
    var state: TrainingState?
    _ = try train(
      architecture: architecture, trainingSet: data, procedure: procedure(.adam()),
      key: Problems.key(data.count), checkpoints: StateKeeping { state = $0 }, shouldStop: { true })
    let bytes = try #require(state).encoded()
    func resume(_ optimizer: OptimizerKind, replicate: Int) throws {
      _ = try train(
        architecture: architecture, trainingSet: data, procedure: procedure(optimizer),
        key: Problems.key(data.count, replicate: replicate),
        checkpoints: StateKeeping(resume: try TrainingState(encoded: bytes)) { _ in }, shouldStop: { true })
    }
    try resume(.adam(), replicate: 0)
    #expect(throws: CheckpointError.otherProbe) { try resume(.adam(), replicate: 1) }
    #expect(throws: CheckpointError.otherProbe) { try resume(.sgd(), replicate: 0) }
    // Another procedure of the same sizes.
    for change in Self.otherProcedures {
      var other = procedure(.adam())
      change(&other)
      #expect(throws: CheckpointError.otherProbe) {
        _ = try train(
          architecture: architecture, trainingSet: data, procedure: other, key: Problems.key(data.count),
          checkpoints: StateKeeping(resume: try TrainingState(encoded: bytes)) { _ in }, shouldStop: { true })
      }
    }
    #expect(throws: CheckpointError.unreadable) { try TrainingState(encoded: bytes.prefix(bytes.count / 2)) }
    #expect(throws: CheckpointError.unreadable) { try TrainingState(encoded: Data()) }
    let later = try PropertyListSerialization.data(
      fromPropertyList: ["version": 99], format: .binary, options: 0)
    #expect(throws: CheckpointError.version(99)) { try TrainingState(encoded: later) }
  }

  private static let otherProcedures: [@Sendable (inout Procedure) -> Void] = [
    { $0.learningRate = .fixed(0.02) }, { $0.optimizer = .adam(beta2: 0.9) },
    { $0.convergence.lossChange = 1e-9 },
    { $0.regularization.coupledWeightDecay = 1e-3 }, { $0.onSaddle = .stop },
    { $0.schedule.warmupSteps += 1 },
  ]

  /// Where the procedure doesn't depend on its guard, the end of a shorter run is a point of the longer one.
  @Test(
    "a run that spent its budget goes on as the same run, longer",
    arguments: [0, 1, 3, 4].map { Resumption.schedules[$0] })
  func longer(schedule: Schedule) throws {
    var short = Resumption("", .sgd()).procedure
    short.schedule = schedule
    short.maxSteps = 67
    #expect(!short.dependsOnGuard)
    var long = short
    long.maxSteps = 140
    var end: TrainingState?
    func run(_ procedure: Procedure, _ keeping: StateKeeping?) throws -> TrainingReport? {
      try train(
        architecture: architecture, trainingSet: data, procedure: procedure, key: Problems.key(data.count),
        checkpoints: keeping, shouldStop: { false })
    }
    let spent = try #require(try run(short, StateKeeping(end: { end = $0 }, write: { _ in })))
    #expect(spent.outcome == .budget && spent.steps == 67)
    let bytes = try #require(end).encoded()
    #expect(try TrainingState(encoded: bytes).steps == 67)
    let whole = try run(long, nil)
    let longer = try run(long, StateKeeping(resume: try TrainingState(encoded: bytes)) { _ in })
    #expect(longer == whole && longer?.steps == 140)
  }

  @Test("a run whose schedule follows the guard is another one with a larger guard")
  func dependsOnGuard() throws {
    var short = Resumption("", .sgd()).procedure
    short.schedule = Resumption.schedules[2]
    #expect(short.dependsOnGuard)
    // A last stage goes on from where the steps end: a longer run ends elsewhere.
    var finished = Resumption("", .sgd()).procedure
    finished.finish = .secondOrder(evaluations: 100)
    #expect(finished.dependsOnGuard)
    var end: TrainingState?
    _ = try train(
      architecture: architecture, trainingSet: data, procedure: short, key: Problems.key(data.count),
      checkpoints: StateKeeping(end: { end = $0 }, write: { _ in }), shouldStop: { false })
    var long = short
    long.maxSteps *= 2
    #expect(throws: CheckpointError.otherProbe) {
      try train(
        architecture: architecture, trainingSet: data, procedure: long, key: Problems.key(data.count),
        checkpoints: StateKeeping(resume: end) { _ in }, shouldStop: { false })
    }
  }

  @Test("a run that fits leaves no end to go on from")
  func fitted() throws {
    var procedure = Resumption("", .sgd()).procedure
    procedure.maxSteps = 5000
    var ends = 0
    let report = try train(
      architecture: architecture, trainingSet: Problems.gaussian(samples: 10, dimensions: 8),
      procedure: procedure,
      key: Problems.key(10), checkpoints: StateKeeping(end: { _ in ends += 1 }, write: { _ in }),
      shouldStop: { false })
    #expect(report?.outcome == .fit)
    #expect(ends == 0)
  }
}
