import Compute
import Networks
import Testing
import Training

/// Samples that are alike but for few elements are multiplied by what sets them apart; nothing else may come of it.
@Suite("Samples kept by what sets them apart")
struct SparseSampleTests {
  static let architectures: [Architecture] = [
    .mlp(MultilayerPerceptron(hidden: [24, 12])), .linear,
  ]
  static let procedures: [Procedure] = [
    .with { $0.batchSize = .size(32) },
    .with { $0.batchSize = .full },
    .with {
      $0.optimizer = .sgd(momentum: 0.9, nesterov: false)
      $0.batchSize = .size(32)
      $0.shards = 2
    },
    .with {
      $0.batchSize = .size(32)
      $0.regularization.sharpnessRadius = 0.05
    },
    .with { $0.finish = .secondOrder(evaluations: 20) },
  ]

  /// Beside the same samples moved by less than rounding shows, no two alike, which are read as they lie.
  @Test("training is that of whole samples, but for rounding", arguments: architectures, procedures)
  func training(architecture: Architecture, procedure: Procedure) throws {
    var procedure = procedure
    procedure.precision = .double
    procedure.maxSteps = 25
    let data = Problems.strokes(samples: 128, dimensions: 200)
    let network = try Network<Double>(architecture, input: data.shape, classes: 10)
    #expect(network.readsSparseRows)
    #expect(SparseRows(data.inputs.pointer, count: data.count, columns: 200) != nil)
    let whole = Problems.strokes(samples: 128, dimensions: 200)
    for index in 0..<whole.inputs.count { whole.inputs[index] += 1e-13 * Double(index / 200 + 1) }
    #expect(SparseRows(whole.inputs.pointer, count: whole.count, columns: 200) == nil)
    let ends = try [data, whole].map { data in
      let trainer = try Trainer(
        architecture: architecture, trainingSet: data, procedure: procedure, key: Problems.key(128))
      _ = trainer.run(shouldStop: { false })
      return trainer.variables.copy()
    }
    let moved = (0..<ends[0].count).map { abs(ends[0][$0] - ends[1][$0]) }.max() ?? 1
    #expect(moved < 1e-7, "\(moved)")
  }
}
