import Foundation
import Networks
import Testing
import Training

@Suite("The learning rate's range test")
struct RangeTestTests {
  private let data = Problems.gaussian(samples: 100, dimensions: 20)
  private let architecture = Architecture.mlp(MultilayerPerceptron(hidden: [16]))

  /// Every rule that has a rate.
  private static let optimizers: [OptimizerKind] = [
    .sgd(), .sgd(momentum: 0), .sgd(nesterov: true), .gradientDescent, .adam(), .adamW(), .shampoo(), .muon(),
  ]

  @Test("a rate of the grid, with which training fits", arguments: optimizers)
  func automatic(optimizer: OptimizerKind) throws {
    let procedure = Procedure.with {
      $0.optimizer = optimizer
      $0.learningRate = .automatic
      $0.batchSize = .size(32)
    }
    let report = try outcome(architecture, data, procedure)
    #expect(report.outcome == .fit)
    let rate = try #require(report.learningRate)
    // Half a power of ten.
    let exponent = 2 * log10(rate)
    #expect(abs(exponent - exponent.rounded()) < 1e-9 && (-8...2).contains(exponent.rounded()))
    #expect(report.rangeTestSteps >= 200 && report.rangeTestSteps <= 1100)
    #expect(try outcome(architecture, data, procedure) == report)
    // The test leaves no trace: the same rate, given, trains the same.
    var given = procedure
    given.learningRate = .fixed(rate)
    let again = try outcome(architecture, data, given)
    #expect(again.loss == report.loss)
    #expect(again.steps == report.steps)
    #expect(again.rangeTestSteps == 0)
  }

  @Test("a rule without a rate needs no test")
  func none() throws {
    let report = try outcome(
      architecture, data,
      .with {
        $0.optimizer = .lbfgs()
        $0.learningRate = .automatic
      })
    #expect(report.learningRate == nil)
    #expect(report.rangeTestSteps == 0)
  }
}
