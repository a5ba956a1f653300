import Compute
import Networks
import Testing
import Training

@Suite("Outcomes of a probe")
struct OutcomeTests {
  private let perceptron = Architecture.mlp(MultilayerPerceptron(hidden: [16]))

  @Test(
    "few random labels are fitted, whatever the batch", arguments: [BatchSize.full, .size(16), .size(128)])
  func fit(batch: BatchSize) throws {
    let data = Problems.gaussian(samples: 60, dimensions: 20)
    let report = try outcome(perceptron, data, .with { $0.batchSize = batch })
    #expect(report.outcome == .fit)
    #expect(report.trainingAccuracy == 1)
    #expect(report.steps > 0 && report.steps < 20_000)
    #expect(report.gradientNorm.isFinite && report.gradientNorm > 0)
    #expect(report.checks.isEmpty)
    let epochSteps = batch == .size(16) ? 4 : 1
    #expect(report.steps == report.epochs * epochSteps)
  }

  @Test("a convex problem with contradictions ends at its minimum", arguments: [BatchSize.full, .size(256)])
  func minimum(batch: BatchSize) throws {
    let data = Problems.gaussian(samples: 200, dimensions: 10)
    let procedure = Procedure.with {
      $0.batchSize = batch
      $0.learningRate = .fixed(0.5)
      $0.precision = .double
    }
    let report = try outcome(.linear, data, procedure)
    #expect(report.outcome == .minimum)
    #expect(report.checks == ["gradient_norm", "loss_change", "negative_curvature", "drift"])
    #expect(report.trainingAccuracy < 1)
    #expect(report.relativeGradientNorm <= 1e-3)
    let curvature = try #require(report.curvature)
    #expect(curvature.converged)
    // Both logits may shift together: the Hessian has zero eigenvalues, and none below.
    #expect(abs(curvature.smallest) <= 1e-10)
    #expect(curvature.largest > 0)
  }

  @Test("a separable problem is never called a minimum")
  func separable() throws {
    // One step after another in a direction that a large batch of one class never contradicts.
    let data = Problems.separable(samples: 40, dimensions: 30)
    for optimizer in [OptimizerKind.gradientDescent, .lbfgs(), .adam()] {
      let report = try outcome(
        .linear, data,
        .with {
          $0.optimizer = optimizer
          $0.learningRate = .fixed(0.05)
          $0.maxSteps = 3000
          $0.convergence.lossWindow = 20
          $0.convergence.lossChange = 1
        })
      #expect(report.outcome == .fit, "\(optimizer)")
    }
  }

  @Test("the relative gradient of a separable problem stays above the threshold all the way down")
  func separableGradient() throws {
    // Far along the separating direction the loss and its gradient vanish together. Labels that a margin
    // of zero keeps from being fitted would be a minimum by an absolute threshold.
    let data = Problems.separable(samples: 12, dimensions: 4)
    for steps in [10, 100, 1000] {
      let report = try outcome(
        .linear, data,
        .with {
          $0.optimizer = .gradientDescent
          $0.learningRate = .fixed(5)
          $0.maxSteps = steps
        })
      #expect(report.relativeGradientNorm > 0.05)
    }
  }

  @Test("too large a rate diverges, with the step")
  func diverged() throws {
    let data = Problems.gaussian(samples: 300, dimensions: 10)
    let report = try outcome(perceptron, data, .with { $0.learningRate = .fixed(1e30) })
    #expect(report.outcome == .diverged)
    // The first step throws the parameters out, and the second finds no loss there.
    #expect(report.reason == "the loss was not finite in step 2")
    #expect(report.steps == 1)
  }

  @Test("spent steps end as budget, and exactly there")
  func budget() throws {
    let data = Problems.gaussian(samples: 500, dimensions: 10)
    let report = try outcome(perceptron, data, .with { $0.maxSteps = 37 })
    #expect(report.outcome == .budget)
    #expect(report.steps == 37)
    #expect(report.epochs == 9)
  }

  @Test(
    "no minimum is claimed where fixed points aren't stationary",
    arguments: [
      Procedure.with { $0.regularization.decoupledWeightDecay = 0.1 },
      Procedure.with { $0.regularization.sharpnessRadius = 0.05 },
      Procedure.with { $0.reparameterization = .quantized(bits: 4) },
    ])
  func unverifiable(procedure: Procedure) throws {
    var procedure = procedure
    procedure.maxSteps = 3000
    procedure.batchSize = .full
    procedure.convergence.lossWindow = 10
    let report = try outcome(.linear, Problems.gaussian(samples: 100, dimensions: 4), procedure)
    #expect(report.outcome == .budget)
    #expect(report.reason?.hasPrefix("unverifiable: ") == true)
    #expect(report.steps == 3000)
  }

  @Test("nor with dropout, whose steps have another loss than evaluation")
  func dropout() throws {
    let report = try outcome(
      .mlp(MultilayerPerceptron(hidden: [4], dropout: 0.2)), Problems.gaussian(samples: 100, dimensions: 4),
      .with {
        $0.maxSteps = 500
        $0.convergence.lossWindow = 10
      })
    #expect(report.outcome == .budget)
    #expect(report.reason == "unverifiable: dropout")
  }

  @Test("a rate that has decayed to nothing makes no loss stable")
  func decayedRate() throws {
    let data = Problems.gaussian(samples: 200, dimensions: 10)
    let report = try outcome(
      .linear, data,
      .with {
        $0.batchSize = .full
        $0.schedule = Schedule(.step(StepDecay(every: 5, factor: 0.1, minimum: 1e-6)))
        $0.maxSteps = 4000
        $0.convergence.lossWindow = 50
      })
    #expect(report.outcome == .budget)
    #expect(report.lossChange == nil)
  }

  @Test("a probe that is told to stop has no report")
  func stop() throws {
    var polls = 0
    let report = try train(
      architecture: perceptron, trainingSet: Problems.gaussian(samples: 500, dimensions: 10),
      procedure: Procedure(), key: Problems.key(500),
      shouldStop: {
        polls += 1
        return polls > 25
      })
    #expect(report == nil)
    #expect(polls == 26)
  }

  @Test("the same arguments give the same bits, other keys give others")
  func reproducible() throws {
    let data = Problems.gaussian(samples: 300, dimensions: 10)
    let procedure = Procedure.with { $0.maxSteps = 300 }
    let first = try outcome(perceptron, data, procedure)
    #expect(try outcome(perceptron, data, procedure) == first)
    #expect(try outcome(perceptron, data, procedure, replicate: 1).loss != first.loss)
  }
}
