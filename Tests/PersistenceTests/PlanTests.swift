import Foundation
import Persistence
import Testing

/// What the server reads for a statement, by the plan that it keeps.
@Suite struct PlanTests {
  /// Statements that run at every probe's end or every second read what they are about, also by plans that a connection has
  /// kept from when there were few rows and no statistics.
  @Test func plansOfFewRowsDoNotReadAllOfMany() async throws {
    try await withDatabase(poolSize: 1) { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let id = try await jobs.submit(specification: "{}").id
      let rounds = 12
      _ = try await jobs.advance(id: id) { _ in .enqueue((1...rounds + 3).map(request), progress: "{}") }
      func trainOne(_ number: Int) async throws {
        let claim = try #require(try await queue.claim(worker: "w"))
        #expect(try await queue.heartbeat(claim))
        try await queue.announceTraining([
          TrainingNews(digest: claim.digest, steps: 1, loss: 0.5, accuracy: 0.5)
        ])
        #expect(try await queue.finish(claim, outcome: .fit))
        #expect(try await jobs.liveJobs(wanting: [claim.digest]).map(\.id) == [id])
        #expect(try await jobs.jobsOutOfTime().isEmpty)
        try await jobs.setWaitingForMemory(above: 1 << 40)
        _ = try await jobs.advance(id: id) { _ in .wait(progress: #"{"round": \#(number)}"#) }
      }
      func entriesRead() async throws -> [String: Int] {
        try await database.withConnection { session in
          try session.query(Statement("flush", "SELECT pg_stat_force_next_flush()"))
          let read = Statement(
            "read",
            """
            SELECT indexrelname AS name, idx_tup_read AS read FROM pg_stat_user_indexes
            UNION ALL SELECT relname, seq_tup_read FROM pg_stat_user_tables
            """)
          let rows = try session.query(read).map {
            try ($0.value("name", as: String.self), $0.value("read", as: Int.self))
          }
          return Dictionary(uniqueKeysWithValues: rows)
        }
      }
      // As often as it takes for the server to settle for one plan.
      for number in 1...rounds { try await trainOne(number) }
      try await database.withConnection { session in
        try session.execute(
          script: Statement(
            "fill",
            """
            INSERT INTO jobs (id, specification) SELECT gen_random_uuid(), '{}' FROM generate_series(1, 2000);
            UPDATE jobs SET state = 'running', started_at = clock_timestamp() WHERE state = 'queued';
            INSERT INTO probes (digest, trajectory, samples, replicate, guard, engine_revision, specification, turn, memory)
              SELECT digest, digest, 1, 1, 1, 1, '{}', 1000000, 1000
              FROM (SELECT encode(sha256(n::text::bytea), 'hex') AS digest FROM generate_series(1, 2000) AS n) AS new;
            INSERT INTO job_probes (job_id, position, digest, turn)
              SELECT id, 1, encode(sha256((row_number() OVER ())::text::bytea), 'hex'), 1000000 FROM jobs WHERE id <> '\(id)'
            """))
      }
      let preparations = [
        ("no", []), ("new", ["ANALYZE"]),
        (
          "an empty queue's",
          [
            "ALTER TABLE probes DISABLE TRIGGER USER", "UPDATE probes SET turn = NULL",
            "ALTER TABLE probes ENABLE TRIGGER USER", "VACUUM (FULL, ANALYZE) probes",
            "UPDATE probes SET turn = -1 WHERE state = 'queued'",
          ]
        ),
      ]
      for (statistics, scripts) in preparations {
        try await database.withConnection { session in
          for script in scripts { try session.execute(script: Statement("prepare", script)) }
        }
        let before = try await entriesRead()
        try await trainOne(0)
        let read = try await entriesRead().map { ($0, $1 - before[$0, default: 0]) }.filter { $1 > 500 }
        #expect(read.isEmpty, "rows and entries of indexes, with \(statistics) statistics: \(read)")
      }
    }
  }
}
