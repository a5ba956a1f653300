import Foundation
import Persistence
import Synchronization
import Testing

@Suite struct AdvanceTests {
  /// A search of two rounds: probes 1 and 2, then probe 3, then the result.
  private static let twoRounds: @Sendable (JobHistory) throws -> JobAdvance = { history in
    if history.isWaiting { return .wait(progress: nil) }
    switch history.rows.count {
    // What is asked for twice is one probe.
    case 0: return .enqueue([request(1), request(2), request(1)], progress: #"{"round": 1}"#)
    case 2: return .enqueue([request(3)], progress: #"{"round": 2}"#)
    default:
      let outcomes = history.rows.map { $0.outcome?.rawValue ?? "none" }
      return .succeed(
        result: #"{"outcomes": "\#(outcomes.joined(separator: " "))"}"#, progress: #"{"round": 3}"#)
    }
  }

  @Test func aJobGoesFromRoundToRound() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let id = try await jobs.submit(specification: "{}").id
      #expect(try await jobs.jobsToAdvance() == [id])
      let first = try #require(try await jobs.advanced(id, decide: Self.twoRounds))
      #expect(first.state == .queued)
      #expect(first.progress == #"{"round": 1}"#)
      #expect(try await jobs.jobsToAdvance().isEmpty)

      let one = try #require(try await queue.claim(worker: "w"))
      #expect(one.digest == digest(1))
      #expect(one.samples == 64)
      #expect(one.specification == #"{"probe": 1}"#)
      let running = try #require(try await jobs.job(id))
      #expect(running.state == .running)
      let startedAt = try #require(running.startedAt)
      #expect(try await queue.finish(one, outcome: .fit, report: #"{ "loss" : 1e-3 }"#))
      let waiting = try #require(try await jobs.advanced(id, decide: Self.twoRounds))
      #expect(waiting.state == .running)
      #expect(waiting.progress == #"{"round": 1}"#)

      let two = try #require(try await queue.claim(worker: "w"))
      #expect(two.digest == digest(2))
      #expect(try await queue.claim(worker: "w") == nil)
      #expect(try await queue.finish(two, outcome: .minimum))
      #expect(try await jobs.jobsToAdvance() == [id])
      let second = try #require(try await jobs.advanced(id, decide: Self.twoRounds))
      #expect(second.progress == #"{"round": 2}"#)
      #expect(second.startedAt == startedAt)

      let three = try #require(try await queue.claim(worker: "w"))
      #expect(try await queue.finish(three, outcome: .fit))
      let last = try #require(try await jobs.advanced(id, decide: Self.twoRounds))
      #expect(last.state == .succeeded)
      #expect(last.result == #"{"outcomes": "fit minimum fit"}"#)
      #expect(last.progress == #"{"round": 3}"#)
      #expect(last.finishedAt != nil)
      #expect(try await jobs.advanced(id, decide: Self.twoRounds) == nil)

      let probes = try await jobs.probes(of: id, limit: 10)
      #expect(probes.map(\.digest) == [digest(1), digest(2), digest(3)])
      #expect(probes.map(\.position) == [1, 2, 3])
      #expect(probes[0].report == #"{ "loss" : 1e-3 }"#)
      #expect(probes.allSatisfy { $0.attempts == 1 && $0.crashes == 0 })
      let page = try await jobs.probes(of: id, after: probes[0].position, limit: 1)
      #expect(page == [probes[1]])
    }
  }

  @Test func aSecondJobAdvancesOverProbesThatAreThere() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let first = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: first, decide: Self.twoRounds)
      while let claim = try await queue.claim(worker: "w") {
        _ = try await queue.finish(claim, outcome: .fit)
        _ = try await jobs.advance(id: first, decide: Self.twoRounds)
      }
      let second = try await jobs.submit(specification: "{}").id
      let job = try #require(try await jobs.advanced(second, decide: Self.twoRounds))
      #expect(job.state == .succeeded)
      #expect(job.startedAt != nil)
      #expect(try await jobs.job(first)?.result == job.result)
      #expect(try await database.probeCounts() == [.finished: 3])
      #expect(try await jobs.probes(of: second, limit: 10).allSatisfy { $0.attempts == 1 })
    }
  }

  @Test func twoJobsShareAProbeThatRuns() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let ask: @Sendable (JobHistory) -> JobAdvance = { history in
        if history.isWaiting { return .wait(progress: nil) }
        return history.rows.isEmpty
          ? .enqueue([request(1)], progress: nil) : .succeed(result: "{}", progress: nil)
      }
      let first = try await jobs.submit(specification: "{}").id
      let second = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: first, decide: ask)
      let claim = try #require(try await queue.claim(worker: "w"))
      // The second job links to a probe under way, so it runs from now on.
      #expect(try await jobs.advanced(second, decide: ask)?.state == .running)
      #expect(try await queue.claim(worker: "w") == nil)
      #expect(try await jobs.liveJobs(wanting: [digest(1)]).map(\.id) == [first, second])
      #expect(try await queue.finish(claim, outcome: .fit))
      for id in [first, second] {
        #expect(try await jobs.advanced(id, decide: ask)?.state == .succeeded)
      }
      #expect(try await jobs.liveJobs(wanting: [digest(1)]).isEmpty)
    }
  }

  @Test func whatDecideThrowsLeavesTheJobAsItWas() async throws {
    struct Refused: Error {}
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let before = try await jobs.submit(specification: "{}")
      await #expect(throws: Refused.self) {
        try await jobs.advance(id: before.id) { _ in throw Refused() }
      }
      #expect(try await jobs.job(before.id) == before)
      await #expect(throws: AdvanceError.noProgress(job: before.id)) {
        try await jobs.advance(id: before.id) { _ in .enqueue([], progress: nil) }
      }
      #expect(try await jobs.job(before.id) == before)
    }
  }

  @Test func probesThatEndTogetherDoNotMissEachOther() async throws {
    try await withDatabase(poolSize: 8) { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      for round in 0..<15 {
        let asked = (1...4).map { request(100 * (round + 1) + $0) }
        let decide: @Sendable (JobHistory) -> JobAdvance = { history in
          if history.isWaiting { return .wait(progress: nil) }
          return history.rows.isEmpty
            ? .enqueue(asked, progress: nil) : .succeed(result: "{}", progress: nil)
        }
        let id = try await jobs.submit(specification: "{}").id
        _ = try await jobs.advance(id: id, decide: decide)
        var claims: [ClaimedProbe] = []
        while let claim = try await queue.claim(worker: "w") { claims.append(claim) }
        #expect(claims.count == 4)
        try await withThrowingTaskGroup(of: Void.self) { group in
          for claim in claims {
            group.addTask {
              #expect(try await queue.finish(claim, outcome: .fit))
              for (id, _) in try await jobs.liveJobs(wanting: [claim.digest]) {
                _ = try await jobs.advance(id: id, decide: decide)
              }
            }
          }
          try await group.waitForAll()
        }
        // No sweep: the four workers alone must have seen the whole round end.
        #expect(try await jobs.job(id)?.state == .succeeded)
      }
    }
  }

  /// One decides on what has been overtaken meanwhile: nothing of it is applied, and it looks again.
  @Test func aRoundIsAskedForOnce() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let id = try await jobs.submit(specification: "{}").id
      let gate = Gate()
      let decisions = Counter()
      let decide: @Sendable (JobHistory) -> JobAdvance = { history in
        let decision = decisions.increment()
        if decision == 1 { gate.wait() }
        return history.isWaiting ? .wait(progress: nil) : .enqueue([request(decision)], progress: nil)
      }
      async let first = jobs.advanced(id, decide: decide)
      _ = try await eventually("one decides") { decisions.value == 1 ? true : nil }
      // Nobody waits for who only thinks.
      #expect(try await jobs.advanced(id, decide: decide)?.state == .queued)
      gate.open()
      #expect(try await first?.state == .queued)
      #expect(decisions.value == 3)
      #expect(try await jobs.probes(of: id, limit: 10).map(\.digest) == [digest(2)])
    }
  }

  /// How far a job is, as one found it before another went on, doesn't take the place of what the other showed.
  @Test func progressThatWasOvertakenIsNotShown() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let id = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: id) { _ in .enqueue([request(1)], progress: #"{"round": 1}"#) }
      let gate = Gate()
      let decisions = Counter()
      async let late = jobs.advanced(id) { _ in
        if decisions.increment() == 1 { gate.wait() }
        return .wait(progress: #"{"round": 1, "probes": 1}"#)
      }
      _ = try await eventually("one decides") { decisions.value == 1 ? true : nil }
      let claim = try #require(try await queue.claim(worker: "w"))
      #expect(try await queue.finish(claim, outcome: .fit))
      _ = try await jobs.advance(id: id) { history in
        history.isWaiting ? .wait(progress: nil) : .enqueue([request(2)], progress: #"{"round": 2}"#)
      }
      gate.open()
      #expect(try await late?.progress == #"{"round": 2}"#)
    }
  }

  /// The probe ends after the second job's step has seen it run and before the step commits its link: the
  /// outcome waits for the link, and finds it. A trigger that waits for an advisory lock holds the commit
  /// back that long.
  @Test func aProbeThatEndsWhileItIsBeingLinkedIsNotMissed() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let decide: @Sendable (JobHistory) -> JobAdvance = { history in
        if history.isWaiting { return .wait(progress: nil) }
        return history.rows.isEmpty
          ? .enqueue([request(1)], progress: nil) : .succeed(result: "{}", progress: nil)
      }
      let first = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: first, decide: decide)
      let claim = try #require(try await queue.claim(worker: "w"))
      let second = try await jobs.submit(specification: "{}").id

      try await database.withConnection { session in
        try session.execute(
          script: Statement(
            "hold commits back",
            """
            CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON job_probes DEFERRABLE INITIALLY DEFERRED
              FOR EACH ROW EXECUTE FUNCTION hold();
            """))
      }
      let gate = Gate()
      let isHeld = Mutex(false)
      async let holder: Void = database.withConnection { session in
        try session.query(Statement("hold", "SELECT pg_advisory_lock(42)::text"))
        isHeld.withLock { $0 = true }
        gate.wait()
        try session.query(Statement("release", "SELECT pg_advisory_unlock(42)"))
      }
      _ = try await eventually("the lock is held") { isHeld.withLock { $0 } ? true : nil }
      async let advanced = jobs.advanced(second, decide: decide)
      _ = try await eventually("the step is about to commit") {
        try await database.query(
          // Locks of the whole cluster are listed: those of other tests' databases, too.
          Statement(
            "waiting",
            """
            SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
            WHERE datname = current_database() AND locktype = 'advisory' AND objid = 42 AND NOT granted
            """)
        ) { _ in true }.first
      }
      async let finished = queue.finish(claim, outcome: .fit)
      _ = try await eventually("the outcome waits for the link") {
        try await database.query(
          Statement(
            "waiting",
            """
            SELECT 1 FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%WITH ended AS%'
            """)
        ) { _ in true }.first
      }
      gate.open()
      try await holder
      #expect(try await advanced?.state == .running)
      let isRecorded = try await finished
      #expect(isRecorded)
      let wanting = try await jobs.liveJobs(wanting: [claim.digest])
      #expect(wanting.map(\.id) == [first, second])
      #expect(wanting.allSatisfy { $0.isReady })
      #expect(try await jobs.advanced(second, decide: decide)?.state == .succeeded)
    }
  }

  @Test func whatIsKnownIsNotReadAgain() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let id = try await jobs.submit(specification: "{}").id
      var history = JobHistory()
      for round in 0..<3 {
        let asked = (1...2).map { request(10 * round + $0) }
        history = try await jobs.advance(id: id, from: history) { history in
          history.isWaiting ? .wait(progress: nil) : .enqueue(asked, progress: nil)
        }.history
        let first = try #require(try await queue.claim(worker: "w"))
        #expect(try await queue.finish(first, outcome: .fit))
        // In the middle of a round what has finished is seen, and seen again.
        history = try await jobs.advance(id: id, from: history) { _ in .wait(progress: nil) }.history
        #expect(history.isWaiting)
        #expect(history.rows.count == 2 * round + 1)
        let second = try #require(try await queue.claim(worker: "w"))
        #expect(try await queue.finish(second, outcome: .budget, steps: 70 + round))
        history = try await jobs.advance(id: id, from: history) { _ in .wait(progress: nil) }.history
        #expect(!history.isWaiting)
      }
      #expect(history.rows.map(\.position) == [1, 2, 3, 4, 5, 6])
      #expect(history.rows.map(\.outcome) == [.fit, .budget, .fit, .budget, .fit, .budget])
      #expect(history.rows.map(\.steps) == [7, 70, 7, 71, 7, 72])
      // From nothing it reads the same.
      let anew = try await jobs.advance(id: id) { _ in .wait(progress: nil) }.history
      #expect(anew == history)
      // What has been read is not read again: not even where a row is gone behind its back.
      try await database.transaction { session in
        try session.execute(script: Statement("forget", "DELETE FROM job_probes WHERE position <= 4"))
      }
      #expect(
        try await jobs.advance(id: id, from: history) { _ in .wait(progress: nil) }.history == history)
    }
  }
}
