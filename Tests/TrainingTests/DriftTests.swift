import Compute
import Networks
import Testing
import Training

/// Points that look like minima and aren't at a finite distance.
@Suite("Drift guard")
struct DriftTests {
  private let lbfgs = Procedure.with {
    $0.optimizer = .lbfgs()
    $0.precision = .double
  }

  /// L-BFGS drives this perceptron to where two samples with different labels are flat in all its units: loss 2 ln 2 / n,
  /// relative gradient 10⁻¹⁴, no negative eigenvalue, one error, and a norm hundreds of times that of the start.
  private func gelu(_ replicate: Int) -> TrainingSet<Double> {
    Problems.gaussian(samples: 180, dimensions: 20, replicate: replicate)
  }

  @Test("parameters that have grown without end are refused: GELU [8], 180 points in 20 dimensions")
  func growth() throws {
    let perceptron = Architecture.mlp(MultilayerPerceptron(hidden: [8], activation: .gelu))
    var refused = 0
    for replicate in 0..<24 {
      let report = try outcome(perceptron, gelu(replicate), lbfgs, replicate: replicate)
      #expect(report.outcome == .fit || report.outcome == .budget, "\(replicate): \(report.outcome)")
      guard report.outcome == .budget else { continue }
      refused += 1
      #expect(report.reason == "drifting")
      #expect(report.relativeGradientNorm < 1e-3, "the gradient alone would have it a minimum")
      #expect(try #require(report.drift).growth > DriftReport.largestGrowth)
    }
    #expect(refused >= 1, "one of these runs ends there")
  }

  @Test("saturated units are refused: tanh [4], 240 points in 20 dimensions")
  func saturation() throws {
    let perceptron = Architecture.mlp(MultilayerPerceptron(hidden: [4], activation: .tanh))
    for replicate in 0..<6 {
      let data = Problems.gaussian(samples: 240, dimensions: 20, replicate: replicate)
      let report = try outcome(perceptron, data, lbfgs, replicate: replicate)
      #expect(report.outcome == .budget)
      #expect(report.reason == "drifting")
      #expect(report.relativeGradientNorm < 1e-3, "the gradient alone would have it a minimum")
      #expect(try #require(report.drift?.saturatedShare) > 0.5)
      let told = report.findings.contains { if case .saturatedUnits = $0 { true } else { false } }
      #expect(told)
    }
  }

  @Test("with a weight decay that holds the parameters the same networks end at their minima")
  func held() throws {
    for activation in [Activation.tanh, .gelu] {
      let perceptron = Architecture.mlp(MultilayerPerceptron(hidden: [4], activation: activation))
      for replicate in 0..<3 {
        let data = Problems.gaussian(samples: 240, dimensions: 20, replicate: replicate)
        var procedure = lbfgs
        procedure.regularization.coupledWeightDecay = 3e-3
        let report = try outcome(perceptron, data, procedure, replicate: replicate)
        #expect(report.outcome == .minimum, "\(activation), \(report.reason ?? "")")
        #expect(report.checks.last == "drift")
        let drift = try #require(report.drift)
        #expect(drift.growth < 20 && drift.saturatedShare ?? 0 < 0.5)
      }
    }
  }

  @Test("a probe that is refused trains on to the end of its steps where it can")
  func trainsOn() throws {
    // Gradient descent from a saturated point, where nothing moves any more.
    let data = Problems.gaussian(samples: 200, dimensions: 6)
    let procedure = Procedure.with {
      $0.batchSize = .full
      $0.precision = .double
      $0.learningRate = .fixed(0.5)
      $0.maxSteps = 3000
      $0.convergence.lossWindow = 20
    }
    let architecture = Architecture.mlp(MultilayerPerceptron(hidden: [3], activation: .tanh))
    let trainer = try Trainer(
      architecture: architecture, trainingSet: data, procedure: procedure, key: Problems.key(200))
    let variables = trainer.variables.copy()
    let weights = trainer.network.tensor(named: "fc.0.weight")!
    for i in 0..<weights.count { variables[weights.offset + i] *= 1e4 }
    trainer.start(from: variables)
    let report = try #require(trainer.run(shouldStop: { false }))
    #expect(report.outcome == .budget)
    #expect(report.reason == "drifting")
    #expect(report.steps == 3000)
    #expect(report.relativeGradientNorm < 1e-3)
  }

  @Test("a convex problem's own minimum passes, on inputs of any size", arguments: [1e-3, 1, 1e3])
  func convex(size: Double) throws {
    let data = Problems.gaussian(samples: 120, dimensions: 10)
    for i in 0..<data.inputs.count { data.inputs[i] *= size }
    let report = try outcome(.linear, data, lbfgs)
    #expect(report.outcome == .minimum, "\(report.reason ?? "")")
  }
}
