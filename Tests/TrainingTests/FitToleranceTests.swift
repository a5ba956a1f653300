import Networks
import Testing
import Training

/// Levels of training error, and the one that makes a probe fit.
@Suite("Fit tolerance")
struct FitToleranceTests {
  private let perceptron = Architecture.mlp(MultilayerPerceptron(hidden: [24]))
  private let data = Problems.gaussian(samples: 200, dimensions: 12, classes: 4)

  private func procedure(_ batch: BatchSize, _ change: (inout Procedure) -> Void = { _ in }) -> Procedure {
    .with {
      $0.batchSize = batch
      $0.learningRate = .fixed(0.1)
      change(&$0)
    }
  }

  @Test(
    "each level's steps are those of the first pass near it that finds it",
    arguments: [BatchSize.size(40), .full])
  func levels(batch: BatchSize) throws {
    let report = try outcome(perceptron, data, procedure(batch))
    #expect(report.outcome == .fit)
    #expect(report.reached.map(\.trainingError) == [0.1, 0.05, 0.01, 0])
    #expect(report.reached.last?.steps == report.steps)
    let epoch = batch == .full ? 1 : 5
    for level in report.reached {
      #expect(level.steps % epoch == 0)
      // The same run, ended there and an epoch earlier.
      let there = try outcome(perceptron, data, procedure(batch) { $0.maxSteps = level.steps })
      #expect(there.trainingAccuracy >= 1 - level.trainingError)
      let before = try outcome(perceptron, data, procedure(batch) { $0.maxSteps = level.steps - epoch })
      let near = 1 - max(0.05, 1.5 * level.trainingError)
      #expect(
        before.trainingAccuracy < 1 - level.trainingError || (before.curve.accuracy.last ?? 0) < near,
        "\(level) was there an epoch before")
    }
  }

  @Test("a probe that may leave samples unfit fits where the strict one first has no more")
  func asked() throws {
    let strict = try outcome(perceptron, data, procedure(.size(40)))
    for error in [0.05, 0.1] {
      let report = try outcome(perceptron, data, procedure(.size(40)) { $0.fitTrainingError = error })
      #expect(report.outcome == .fit)
      #expect(report.steps == strict.reached.first { $0.trainingError == error }?.steps)
      #expect(report.trainingAccuracy >= 1 - error && report.trainingAccuracy < 1)
      #expect(report.reached.map(\.trainingError) == [0.1, 0.05, 0.01, 0].filter { $0 >= error })
    }
  }

  @Test("a level of the user's own is recorded beside the others")
  func own() throws {
    let report = try outcome(perceptron, data, procedure(.size(40)) { $0.fitTrainingError = 0.02 })
    #expect(report.outcome == .fit)
    #expect(report.reached.map(\.trainingError) == [0.1, 0.05, 0.02])
    // Four of 200 may be unfit, and 0.02 · 200 is 4 in spite of rounding.
    #expect(report.trainingAccuracy >= 0.98)
  }

  @Test("a level above the asked one never ends a probe")
  func above() throws {
    // More random labels than it can hold: nine tenths are reached, all are not.
    let reports = try stride(from: 340, through: 400, by: 10).map { samples in
      let data = Problems.gaussian(samples: samples, dimensions: 12, classes: 4)
      return try outcome(perceptron, data, procedure(.size(40)) { $0.maxSteps = 4000 })
    }
    let unfit = reports.filter { $0.outcome == .budget && !$0.reached.isEmpty }
    #expect(!unfit.isEmpty)
    for report in unfit {
      #expect(report.steps == 4000)
      #expect(report.reached.first?.trainingError == 0.1)
      #expect(report.reached.allSatisfy { $0.trainingError > 0 })
    }
  }
}
