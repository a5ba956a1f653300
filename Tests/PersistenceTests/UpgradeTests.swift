import Foundation
import Persistence
import Testing

/// Databases of earlier releases, and engines of two revisions on one database.
@Suite struct UpgradeTests {
  @Test func rowsOfTheFirstReleaseAreCarriedOver() async throws {
    try await withEmptyDatabase { database in
      try await database.migrate(Array(Migration.embedded[..<1]))
      let (done, live) = (UUID(), UUID())
      let document =
        #"{"engine_revision": 4, "dataset_digest": "\#(digest(5))", "training": {"max_steps": 600}}"#
      try await database.withConnection { session in
        try session.execute(
          script: Statement(
            "fill",
            """
            INSERT INTO jobs (id, specification) VALUES ('\(done)', '{}'), ('\(live)', '{}');
            INSERT INTO probes (digest, samples, replicate, specification)
            SELECT lpad(i::text, 64, '0'), i, 0, '\(document)' FROM generate_series(1, 3) i;
            INSERT INTO job_probes VALUES ('\(done)', 1, '\(digest(1))'), ('\(live)', 1, '\(digest(1))'),
              ('\(live)', 2, '\(digest(2))'), ('\(live)', 3, '\(digest(3))');
            UPDATE probes SET state = 'running', attempt = 1, worker = 'w', started_at = now(),
              lease_expires_at = now() + interval '1 h' WHERE samples < 3;
            UPDATE probes SET state = 'finished', lease_expires_at = NULL, finished_at = now(), outcome = 'budget',
              report = '{"steps": 600, "seconds": 1.5, "blas_kernels": "Zen"}' WHERE samples = 1;
            UPDATE jobs SET state = 'running', started_at = now();
            UPDATE jobs SET state = 'succeeded', finished_at = now(),
              result = '{"emc": 3, "parameter_count": 12, "probes": [{"samples": 1}]}' WHERE id = '\(done)';
            """))
      }
      try await database.migrate()
      let jobs = JobStore(database: database, engineRevision: 4)
      let queue = ProbeQueue(database: database, engineRevision: 4)
      let old = try #require(try await jobs.job(done))
      #expect(old.result == #"{"emc": 3, "parameter_count": 12}"#)
      #expect(old.admission.engineRevision == 4 && old.admission.parameterCount == 12)
      #expect(old.version > 0)
      let probe = try #require(try await jobs.probes(of: done, limit: 1).first)
      #expect(probe.outcome == .budget && probe.steps == 600 && probe.seconds == 1.5 && probe.maxSteps == 600)
      let trained = try await database.query(
        Statement("read", "SELECT engine_revision, backend, kernels FROM probes WHERE state = 'finished'")
      ) { row in
        "\(try row.value("engine_revision", as: Int.self)) \(try row.value("backend", as: String.self)) "
          + (try row.value("kernels", as: String.self))
      }
      #expect(trained == ["4 cpu Zen"])
      // The live job goes on where it was.
      let history = try await jobs.advance(id: live) { _ in .wait(progress: nil) }.history
      #expect(history.isWaiting && history.rows.map(\.outcome) == [.budget])
      let claim = try #require(try await queue.claim(worker: "x"))
      #expect(claim.digest == digest(3) && claim.datasetDigest == digest(5))
      #expect(try await queue.takeBack(fromWorkersNamed: "w") == 1)
      #expect(try await queue.claim(worker: "x")?.digest == digest(2))
    }
  }

  /// A job stays with the revision that it began with; where no process has it any more, the job fails and
  /// says so.
  @Test func revisionsNeverMix() async throws {
    try await withDatabase { database in
      let (old, new) = (4, 5)
      let oldJobs = JobStore(database: database, engineRevision: old)
      let oldQueue = ProbeQueue(database: database, engineRevision: old)
      let newJobs = JobStore(database: database, engineRevision: new)
      let newQueue = ProbeQueue(database: database, engineRevision: new)
      try await oldQueue.announceProcess(named: "old/", workers: 1, isNew: true)
      try await newQueue.announceProcess(named: "new/", workers: 1, isNew: true)

      let begun = try await oldJobs.submit(specification: "{}").id
      _ = try await oldJobs.advance(id: begun) { _ in .enqueue([request(1), request(2)], progress: nil) }
      let claim = try #require(try await oldQueue.claim(worker: "old/0"))
      let fresh = try await newJobs.submit(specification: "{}").id
      _ = try await newJobs.advance(id: fresh) { _ in .enqueue([request(11)], progress: nil) }

      // Neither touches what is the other's.
      #expect(
        try await newQueue.claim(ProbeClaimant(worker: "new/0"), limit: 9).map(\.digest) == [digest(11)])
      #expect(try await newJobs.advanced(begun) { _ in .fail(error: "advanced") } == nil)
      #expect(try await newQueue.finish(claim, outcome: .fit))
      #expect(try await newJobs.jobsToAdvance().isEmpty)
      #expect(try await newJobs.liveJobs(wanting: [claim.digest]).isEmpty)
      #expect(try await oldJobs.liveJobs(wanting: [claim.digest]).map(\.id) == [begun])
      #expect(try await newJobs.failOrphans(after: .seconds(60)).isEmpty)

      // The last process of the old revision was seen too long ago.
      try await database.withConnection { session in
        try session.execute(
          script: Statement(
            "age", "UPDATE processes SET seen_at = seen_at - interval '61 s' WHERE engine_revision = 4"))
      }
      #expect(try await newJobs.failOrphans(after: .seconds(60)) == [begun])
      let failed = try #require(try await newJobs.job(begun))
      #expect(failed.state == .failed)
      #expect(failed.error?.contains("revision 4") == true && failed.error?.contains("has 5") == true)
      #expect(try await oldQueue.claim(worker: "old/0") == nil)
      #expect(try await newJobs.job(fresh)?.state == .running)
    }
  }

  /// One whose revision isn't known begins with whoever advances it first.
  @Test func aJobOfNoRevisionBeginsWithTheFirst() async throws {
    try await withDatabase { database in
      let id = UUID()
      #expect(
        try await refusal(of: "INSERT INTO jobs (id, specification) VALUES ('\(id)', '{}')", in: database)
          == nil)
      let jobs = JobStore(database: database, engineRevision: 6)
      _ = try await jobs.advance(id: id) { _ in .enqueue([request(1)], progress: nil) }
      #expect(try await jobs.job(id)?.admission.engineRevision == 6)
    }
  }
}
