import Capacity
import Datasets
import Foundation
import Synchronization
import Testing

/// Workers that have no probe of their own run the shards of those that there are.
@Suite struct ShardThreadTests {
  /// Threads of this process that run shards beside the training thread, by their names.
  private static func shardThreads() -> Int {
    // Threads end while they are looked at, which a listing by FileManager takes for an error of the whole.
    guard let tasks = opendir("/proc/self/task") else { return 0 }
    defer { closedir(tasks) }
    var count = 0
    while let entry = readdir(tasks) {
      let task = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let name = try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
      if name?.hasPrefix("shard ") == true { count += 1 }
    }
    return count
  }

  /// The most that were seen while these probes were trained, and how they ended.
  private func train(workers: Int, replicates: Int) throws -> (threads: Int, results: [ProbeResult]) {
    let specification = try MeasurementSpecification(
      json: JSONValue(
        parsing: """
          {"dataset": {"name": "gaussian", "dimensions": 10}, "model": {"kind": "mlp", "hidden": [8]},
           "labels": {"kind": "random"}, "training": {"max_steps": 200, "shards": 3}}
          """.utf8))
    let measurement = try LocalMeasurement(
      specification: specification,
      library: DatasetLibrary(directory: FileManager.default.temporaryDirectory),
      workers: workers)
    let polls = Atomic(0)
    let most = Mutex(0)
    let results = try measurement.run(
      sizes: [500], replicates: replicates,
      shouldStop: {
        // Looking takes longer than a step.
        if polls.add(1, ordering: .relaxed).newValue % 20 == 0 {
          most.withLock { $0 = max($0, Self.shardThreads()) }
        }
        return false
      })
    return (most.withLock { $0 }, results)
  }

  @Test func workersWithoutAProbeTakeShards() throws {
    // In this order, since threads end a little after their probe.
    #expect(try train(workers: 1, replicates: 1).threads == 0)
    #expect(try train(workers: 3, replicates: 3).threads == 0)
    #expect(try train(workers: 3, replicates: 2).threads == 0)
    let (threads, results) = try train(workers: 2, replicates: 1)
    #expect(threads == 1)
    let alone = try train(workers: 1, replicates: 1).results
    #expect(results.map { $0.json["loss"] } == alone.map { $0.json["loss"] })
  }
}
