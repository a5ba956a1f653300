import Compute
import Networks
import Testing
import Training

@Suite("A procedure's second-order finish")
struct FinishTests {
  private static func procedure(_ change: (inout Procedure) -> Void = { _ in }) -> Procedure {
    .with {
      $0.learningRate = .fixed(0.01)
      $0.maxSteps = 40
      $0.finish = .secondOrder(evaluations: 600)
      change(&$0)
    }
  }

  @Test(
    "it fits what the steps stopped short of, in the precision that the procedure trains in",
    arguments: [
      Architecture.mlp(MultilayerPerceptron(hidden: [8])),
      .mlp(MultilayerPerceptron(hidden: [8], activation: .tanh)),
      .mlp(MultilayerPerceptron(hidden: [8], activation: .leakyReLU, normalization: .batch)),
    ])
  func fits(architecture: Architecture) throws {
    let data = Problems.gaussian(samples: 90, dimensions: 20)
    let plain = try outcome(architecture, data, Self.procedure { $0.finish = .none })
    #expect(plain.outcome == .budget)
    #expect(plain.finish == nil)
    let report = try outcome(architecture, data, Self.procedure())
    #expect(report.outcome == .fit)
    #expect(report.trainingAccuracy == 1)
    #expect(report.steps == 40)
    let finish = try #require(report.finish)
    #expect(finish.trainingAccuracy == 1)
    #expect(finish.evaluations > 1 && finish.evaluations <= 600)
    #expect(finish.loss < plain.loss)
    #expect(try outcome(architecture, data, Self.procedure()) == report)
  }

  @Test("the network that fits is the trainer's, and one that doesn't leaves it where the steps ended")
  func variables() throws {
    let architecture = Architecture.mlp(MultilayerPerceptron(hidden: [8]))
    let data = Problems.gaussian(samples: 90, dimensions: 20).converted(to: Float.self)
    func trained(_ evaluations: Int) throws -> (trainer: Trainer<Float>, report: TrainingReport) {
      let trainer = try Trainer(
        architecture: architecture, trainingSet: data,
        procedure: Self.procedure { $0.finish = .secondOrder(evaluations: evaluations) },
        key: Problems.key(data.count))
      return (trainer, try #require(trainer.run(shouldStop: { false })))
    }
    let (fitted, report) = try trained(600)
    #expect(report.outcome == .fit)
    let test = try #require(fitted.test(on: data, shouldStop: { false }))
    #expect(test.accuracy == 1)
    let (short, unfit) = try trained(2)
    #expect(unfit.outcome == .budget)
    #expect(unfit.finish?.evaluations == 2)
    let plain = try Trainer(
      architecture: architecture, trainingSet: data, procedure: Self.procedure { $0.finish = .none },
      key: Problems.key(data.count))
    _ = plain.run(shouldStop: { false })
    #expect(short.variables.array == plain.variables.array)
  }

  @Test("it verifies the minimum of a convex problem that the steps stopped short of")
  func minimum() throws {
    let data = Problems.gaussian(samples: 90, dimensions: 4, classes: 3)
    let report = try outcome(.linear, data, Self.procedure())
    #expect(report.outcome == .minimum)
    #expect(report.reason == "finished")
    #expect(report.checks == ["gradient_norm", "negative_curvature"])
    let finish = try #require(report.finish)
    #expect(finish.relativeGradientNorm <= 1e-3)
    #expect(finish.loss < report.loss)
    #expect(finish.curvature?.isSaddle == false)
    let short = try outcome(.linear, data, Self.procedure { $0.finish = .secondOrder(evaluations: 1) })
    #expect(short.outcome == .budget)
    #expect(short.finish?.curvature == nil)
  }

  @Test("no minimum is claimed of a procedure whose fixed points are none of its objective's")
  func unverifiable() throws {
    let data = Problems.gaussian(samples: 90, dimensions: 4, classes: 3)
    let report = try outcome(
      .linear, data, Self.procedure { $0.regularization.decoupledWeightDecay = 1e-6 })
    #expect(report.outcome == .budget)
    #expect(report.reason == "unverifiable: decoupled weight decay")
    #expect(report.finish != nil)
  }

  @Test("a random subspace is not left")
  func subspace() throws {
    let data = Problems.gaussian(samples: 60, dimensions: 20)
    let architecture = Architecture.mlp(MultilayerPerceptron(hidden: [8], activation: .tanh))
    let change: (inout Procedure) -> Void = { $0.reparameterization = .subspace(dimension: 90) }
    let report = try outcome(architecture, data, Self.procedure(change))
    #expect(report.outcome == .fit)
    #expect(report.variableCount == 90)
    #expect(report.finish != nil)
    // 5 variables aren't enough for 60 random labels, whatever goes down.
    let few = try outcome(
      architecture, data, Self.procedure { $0.reparameterization = .subspace(dimension: 5) })
    #expect(few.outcome != .fit)
  }

  /// What may be wrong of a fit may be wrong of one that the last stage finds.
  @Test("it fits with as many errors as a fit may have")
  func tolerance() throws {
    let architecture = Architecture.mlp(MultilayerPerceptron(hidden: [2]))
    let data = Problems.gaussian(samples: 120, dimensions: 10)
    func end(_ error: Double) throws -> TrainingReport {
      try outcome(
        architecture, data,
        Self.procedure {
          $0.fitTrainingError = error
          $0.finish = .secondOrder(evaluations: 300)
        })
    }
    let strict = try end(0)
    #expect(strict.outcome != .fit)
    // What it reaches anyway, with a third more.
    let reached = 1 - (strict.finish?.trainingAccuracy ?? 0)
    let loose = try end(4 / 3 * reached)
    #expect(loose.outcome == .fit && loose.reason == "finished", "\(loose.outcome), \(reached)")
    #expect(1 - loose.trainingAccuracy <= 4 / 3 * reached)
  }

  /// ‖θ‖ grows by 9 to 16 % for a tenfold smaller decay, as on data without a minimum at a finite distance.
  @Test("norms that grow as those of separable data do are no minimum's", arguments: [2, 4, 5, 9])
  func drift(seed: UInt64) throws {
    let report = try outcome(
      .mlp(MultilayerPerceptron(hidden: [1])), Problems.gaussian(samples: 60, dimensions: 40, seed: seed),
      .with {
        $0.learningRate = .fixed(0.02)
        $0.maxSteps = 60
        $0.finish = .secondOrder(evaluations: 1500)
      })
    #expect(report.outcome == .budget && report.finish != nil)
  }
}
