import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence
import Service
import Synchronization
import Testing

private let specification = """
  {"dataset": {"name": "gaussian", "dimensions": 30}, "model": {"kind": "mlp", "hidden": [16]},
   "training": {"max_steps": 60000, "convergence": {"loss_change": 1e-12}},
   "search": {"initial_samples": 1200, "relative_tolerance": 0.5, "replicates": 1}, "seed": 9}
  """

/// Probes that go on where they stood, and engines that come and go.
@Suite struct ContinuationTests {
  private func checkpoint(in database: Database) async throws -> Int? {
    try await database.query(
      Statement("checkpoint", "SELECT max(steps) AS steps FROM checkpoints WHERE NOT is_end")
    ) { try $0.optional("steps", as: Int.self) }[0]
  }

  /// A probe that is handed back in its middle goes on from there in the next process, and ends with the same
  /// bits.
  @Test(.timeLimit(.minutes(5))) func aProbeHandedBackGoesOnFromItsState() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    let options = WorkOptions(workers: 1, checkpointInterval: .milliseconds(20))
    let (id, digest) = try await withService(options: options, url: url) { service in
      let id = try #require(try await service.send(.post, "/v1/jobs", specification).1["id"]?.stringValue)
      _ = try await eventually("a state of the probe under way") {
        try await checkpoint(in: service.database).flatMap { $0 > 0 ? $0 : nil }
      }
      let uuid = try #require(UUID(uuidString: id))
      let probes = try await JobStore(database: service.database, engineRevision: engineRevision)
        .probes(of: uuid, limit: 10)
      return (uuid, try #require(probes.first).digest)
    }
    // The service has ended, and the probe waits with its state.
    let database = try Database(url: url, poolSize: 1, logger: quiet)
    let jobs = JobStore(database: database, engineRevision: engineRevision)
    let waiting = try #require(try await jobs.probes(of: id, limit: 10).first)
    #expect(waiting.state == .queued && waiting.attempts == 1 && waiting.crashes == 0)
    let steps = try #require(try await checkpoint(in: database))
    #expect(steps > 0)

    let job = try await withService(workers: 1, url: url) { try await $0.finished(id.uuidString) }
    #expect(job["state"] == .string("succeeded"))
    let parsed = try MeasurementSpecification(json: JSONValue(parsing: specification.utf8))
    let local = try LocalMeasurement(
      specification: parsed, library: DatasetLibrary(directory: FileManager.default.temporaryDirectory),
      workers: 1
    ).run()
    #expect(
      comparable(job["result"])?.text() == comparable(local.result.json(withProbes: local.probes))?.text())
    let ended = try #require(try await jobs.probes(of: id, limit: 10).first { $0.digest == digest })
    #expect(ended.attempts == 2 && (ended.steps ?? 0) > steps)
    await database.close()
  }

  /// The process is replaced by one with another revision of the engine in the middle of a job: that job
  /// fails and says why, new ones run. With the old revision back in time, the job would have gone on.
  @Test(.timeLimit(.minutes(5))) func anUpgradeInTheMiddleOfAJob() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    let database = try Database(url: url, poolSize: 2, logger: quiet)
    let old = JobStore(database: database, engineRevision: engineRevision - 1)
    var options = WorkOptions(workers: 1, engineRevision: engineRevision - 1, revisionGrace: .seconds(3600))
    @Sendable func submit(seed: Int, in store: JobStore) async throws -> UUID {
      let text = specification.replacing("\"seed\": 9", with: "\"seed\": \(seed)").replacing(
        "60000", with: "2000")
      let admitted = try MeasurementSpecification(json: JSONValue(parsing: text.utf8))
      return try await store.submit(JobSubmission(specification: admitted.json.text())).id
    }
    let (stays, comesBack) = try await withService(options: options, url: url) { _ in
      let ids = (try await submit(seed: 1, in: old), try await submit(seed: 2, in: old))
      _ = try await eventually("the first has begun") {
        try await old.job(ids.0)?.state == .running ? true : nil
      }
      return ids
    }
    // The new revision leaves them alone as long as the old one may come back.
    options.engineRevision = engineRevision
    let new = JobStore(database: database, engineRevision: engineRevision)
    try await withService(options: options, url: url) { service in
      let fresh = try await submit(seed: 3, in: new)
      #expect(try await service.finished(fresh.uuidString)["state"] == .string("succeeded"))
      #expect(try await new.job(stays)?.state.hasEnded == false)
    }
    options.engineRevision = engineRevision - 1
    try await withService(options: options, url: url) { service in
      #expect(try await service.finished(comesBack.uuidString)["state"] == .string("succeeded"))
      _ = try await service.finished(stays.uuidString)
    }
    // One more is begun by the old revision, which then is gone for good.
    let last = try await submit(seed: 4, in: old)
    options.engineRevision = engineRevision
    options.revisionGrace = .zero
    try await withService(options: options, url: url) { service in
      let failed = try await service.finished(last.uuidString)
      #expect(failed["state"] == .string("failed"))
      #expect(failed["error"]?["detail"]?.stringValue?.contains("revision \(engineRevision - 1)") == true)
    }
    await database.close()
  }
}
