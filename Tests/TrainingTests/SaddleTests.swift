import Compute
import Networks
import Testing
import Training

/// XOR with two hidden units. While both are equal, and their weights to the outputs too, they act as one and
/// stay equal, and one unit can't tell XOR: the best that it can do is a saddle for the two.
@Suite("Saddles")
struct SaddleTests {
  private let architecture = Architecture.mlp(MultilayerPerceptron(hidden: [2], activation: .tanh))
  private let data = TrainingSet<Double>(
    inputs: Buffer([1.0, 1, 1, -1, -1, 1, -1, -1]), labels: [0, 1, 1, 0], shape: .features(2), classes: 2)

  private func procedure(_ response: SaddleResponse) -> Procedure {
    .with {
      $0.optimizer = .gradientDescent
      $0.learningRate = .fixed(0.5)
      $0.precision = .double
      $0.regularization.coupledWeightDecay = 0.002
      $0.convergence.lossWindow = 50
      $0.convergence.lossChange = 1e-4
      $0.onSaddle = response
    }
  }

  /// Spent long before it is stationary, then finished.
  private var finished: Procedure {
    var finished = procedure(.stop)
    finished.maxSteps = 5
    finished.finish = .secondOrder(evaluations: 500)
    return finished
  }

  /// A trainer whose two hidden units are equal, exactly.
  private func trainer(_ procedure: Procedure) throws -> Trainer<Double> {
    let trainer = try Trainer<Double>(
      architecture: architecture, trainingSet: data, procedure: procedure, key: Problems.key(4))
    let network = try Network<Double>(architecture, input: .features(2), classes: 2)
    let start = Buffer<Double>(count: network.parameterCount)
    for (tensor, values) in zip(
      network.tensors.map(\.name),
      [[0.9, 0.4, 0.9, 0.4], [0.1, 0.1], [0.7, 0.7, -0.7, -0.7], [0.0, 0.0]])
    {
      network.importTensor(named: tensor, values: values, into: start.pointer)
    }
    trainer.start(from: start)
    return trainer
  }

  @Test("the verdict is saddle, with a negative eigenvalue")
  func verdict() throws {
    let report = try #require(try trainer(procedure(.stop)).run(shouldStop: { false }))
    #expect(report.outcome == .saddle)
    #expect(report.checks == ["gradient_norm", "loss_change", "negative_curvature"])
    let curvature = try #require(report.curvature)
    #expect(curvature.converged)
    #expect(curvature.smallest < -1e-3 * curvature.largest)
    #expect(report.trainingAccuracy < 1)
  }

  @Test("training leaves it and fits")
  func leaves() throws {
    let stopped = try #require(try trainer(procedure(.stop)).run(shouldStop: { false }))
    let report = try #require(try trainer(procedure(.proceed)).run(shouldStop: { false }))
    #expect(report.saddlesLeft >= 1)
    #expect(report.outcome == .fit)
    #expect(report.loss < stopped.loss)
    #expect(report.steps > stopped.steps)
  }

  /// The finish keeps the units equal too, but for rounding, which the whitened coordinates may break.
  @Test("a finish that ends at a saddle claims no minimum")
  func finishing() throws {
    let report = try #require(try trainer(finished).run(shouldStop: { false }))
    #expect(report.outcome == .budget || report.outcome == .fit)
    #expect(report.steps == 5)
    let finish = try #require(report.finish)
    if report.outcome == .budget, let curvature = finish.curvature { #expect(curvature.isSaddle) }
  }
}
