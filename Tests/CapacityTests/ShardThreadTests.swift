import Capacity
import Datasets
import Foundation
import Testing

/// Workers that have no probe of their own run the shards of those that there are.
@Suite struct ShardThreadTests {
  @Test(arguments: [
    (1, 1, 1), (3, 3, 1), (3, 2, 1), (2, 1, 2), (8, 3, 2), (8, 0, 8), (1, 100, 1), (4, 1, 4),
  ])
  func workersWithoutAProbeTakeShards(_ workers: Int, _ probes: Int, _ threads: Int) {
    #expect(threadShare(workers: workers, probes: probes) == threads)
  }

  @Test func theBitsAreTheSameHoweverManyWorkersThereAre() throws {
    let specification = try MeasurementSpecification(
      json: JSONValue(
        parsing: """
          {"dataset": {"name": "gaussian", "dimensions": 10}, "model": {"kind": "mlp", "hidden": [8]},
           "labels": {"kind": "random"}, "training": {"max_steps": 200, "shards": 3}}
          """.utf8))
    let losses = try [1, 2, 5].map { workers in
      try LocalMeasurement(
        specification: specification,
        library: DatasetLibrary(directory: FileManager.default.temporaryDirectory), workers: workers
      ).run(sizes: [500], replicates: 2).map { $0.json["loss"] }
    }
    #expect(losses[0].count == 2 && losses[0][0] != losses[0][1])
    #expect(losses[1] == losses[0] && losses[2] == losses[0])
  }
}
