import Networks
import Testing
import Training

@Suite("Shards")
struct ShardTests {
  private let architecture = Architecture.mlp(MultilayerPerceptron(hidden: [24]))
  private let data = Problems.gaussian(samples: 301, dimensions: 12)

  private func report(shards: Int, threads: Int, batch: BatchSize) throws -> TrainingReport {
    try outcome(
      architecture, data,
      .with {
        $0.shards = shards
        $0.batchSize = batch
        $0.maxSteps = 200
      }, threads: threads)
  }

  @Test("threads change nothing", arguments: [BatchSize.size(64), .full])
  func threads(batch: BatchSize) throws {
    let alone = try report(shards: 3, threads: 1, batch: batch)
    #expect(try report(shards: 3, threads: 2, batch: batch) == alone)
    #expect(try report(shards: 3, threads: 3, batch: batch) == alone)
    #expect(try report(shards: 3, threads: 8, batch: batch) == alone)
  }

  @Test("the number of shards changes rounding alone")
  func rounding() throws {
    let procedure = Procedure.with {
      $0.precision = .double
      $0.batchSize = .size(50)
      $0.maxSteps = 30
    }
    var sharded = procedure
    sharded.shards = 2
    let one = try outcome(architecture, data, procedure)
    let two = try outcome(architecture, data, sharded)
    #expect(abs(one.loss - two.loss) <= 1e-12)
    #expect(one.trainingAccuracy == two.trainingAccuracy)
  }

  /// Normalised by itself every sample is the same: no part of a batch that statistics are taken of has one alone.
  @Test(
    "small batches of a network with batch normalization are cut into fewer parts", arguments: [5, 8])
  func normalizedParts(samples: Int) throws {
    let data = Problems.gaussian(samples: samples, dimensions: 30)
    let network = Architecture.mlp(MultilayerPerceptron(hidden: [32], normalization: .batch))
    for batch in [BatchSize.full, .size(64), .size(6)] {
      let report = try outcome(
        network, data,
        .with {
          $0.shards = 16
          $0.batchSize = batch
          $0.maxSteps = 400
        })
      #expect(report.outcome == .fit, "\(batch): \(report.loss)")
    }
  }
}
