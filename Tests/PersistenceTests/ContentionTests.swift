import Foundation
import Persistence
import Testing

/// Claims beside those who lock jobs first and their probes afterwards: cancelling, pausing, advancing.
@Suite struct ContentionTests {
  private static let lock = Statement("lock", "SELECT id FROM jobs WHERE id = $1::uuid FOR NO KEY UPDATE")

  /// As PostgreSQL counts them, and how many others are connected.
  private static let deadlocks = Statement(
    "count deadlocks",
    """
    SELECT deadlocks, (
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'contended'
    ) AS others
    FROM pg_stat_database WHERE datname = current_database()
    """)

  /// Who waits for a job while it holds probes waits for ever for one who waits the other way round.
  @Test func aClaimHoldsNoProbeWhileItWaitsForAJob() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let id = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: id) { _ in .enqueue((1...3).map(request), progress: nil) }
      let (isHeld, mayLetGo, hasLetGo) = (Counter(), Gate(), Counter())
      async let holding: Void = database.transaction { session in
        try session.query(Self.lock, id)
        isHeld.increment()
        mayLetGo.wait(seconds: 20)
        hasLetGo.increment()
      }
      _ = try await eventually("the job is locked") { isHeld.value > 0 ? true : nil }
      async let claiming = queue.claim(ProbeClaimant(worker: "w"), limit: 3)
      // What somebody else can see is committed: nothing is held for it.
      _ = try await eventually("the probes are claimed") {
        try await database.probeCounts() == [.running: 3] ? true : nil
      }
      #expect(hasLetGo.value == 0)
      mayLetGo.open()
      try await holding
      let claimed = try await claiming
      #expect(claimed.count == 3)
      // It began all the same.
      let begun = try #require(try await jobs.job(id))
      #expect(begun.state == .running && begun.startedAt != nil)
    }
  }

  @Test func claimsAndCancellationsDoNotWaitForEachOther() async throws {
    try await withDatabase { database in
      var address = try #require(URLComponents(string: database.url))
      address.queryItems =
        (address.queryItems ?? []) + [URLQueryItem(name: "application_name", value: "contended")]
      let contended = try Database(url: try #require(address.string), poolSize: 12, logger: quiet)
      let jobs = JobStore(database: contended, engineRevision: 1)
      let queue = ProbeQueue(database: contended, engineRevision: 1)
      let studies = StudyStore(jobs: jobs)
      for round in 1...12 {
        // Many jobs, that all are locked at once; half of what one wants the next one wants too.
        let study = try await studies.submit(
          StudySubmission(name: nil, preset: nil, scale: nil, specification: "{}"),
          jobs: { _ in (0..<24).map { _ in JobSubmission(specification: "{}") } }
        ).id
        for (number, id) in try await studies.jobs(of: study).enumerated() {
          let first = 1000 * round + 4 * number
          _ = try await jobs.advance(id: id) { _ in
            .enqueue((first..<first + 8).map(request), progress: nil)
          }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
          for worker in 0..<4 {
            group.addTask {
              for _ in 0..<12 { _ = try await queue.claim(ProbeClaimant(worker: "w\(worker)"), limit: 2) }
            }
          }
          group.addTask {
            _ = try await studies.pause(study)
            _ = try await studies.cancel(study)
          }
          try await group.waitForAll()
        }
        #expect(try await studies.study(study)?.counts[.cancelled] == 24)
      }
      await contended.close()
      // Who has left has told what it met.
      let deadlocks = try await eventually("the others to be gone") {
        try await database.query(Self.deadlocks) { row in
          try row.value("others", as: Int.self) == 0 ? try row.value("deadlocks", as: Int.self) : nil
        }.first ?? nil
      }
      // One would have been broken after a second, and what it undid tried again.
      #expect(deadlocks == 0)
    }
  }
}
