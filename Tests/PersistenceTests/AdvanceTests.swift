import Foundation
import Persistence
import Synchronization
import Testing

@Suite struct AdvanceTests {
  /// A search of two rounds: probes 1 and 2, then probe 3, then the result.
  private static let twoRounds: @Sendable (JobRecord, [ProbeRecord]) throws -> JobAdvance = {
    _, probes in
    if probes.contains(where: { $0.state.isOutstanding }) { return .wait(progress: nil) }
    switch probes.count {
    // What is asked for twice is one probe.
    case 0: return .enqueue([request(1), request(2), request(1)], progress: #"{"round": 1}"#)
    case 2: return .enqueue([request(3)], progress: #"{"round": 2}"#)
    default:
      let outcomes = probes.map { $0.outcome ?? "none" }
      return .succeed(result: #"{"outcomes": "\#(outcomes.joined(separator: " "))"}"#)
    }
  }

  @Test func aJobGoesFromRoundToRound() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database)
      let queue = ProbeQueue(database: database)
      let id = try await jobs.submit(specification: "{}").id
      #expect(try await jobs.jobsToAdvance() == [id])
      let first = try #require(try await jobs.advance(id: id, decide: Self.twoRounds))
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
      #expect(try await queue.finish(one, outcome: "fit", report: #"{ "loss" : 1e-3 }"#))
      let waiting = try #require(try await jobs.advance(id: id, decide: Self.twoRounds))
      #expect(waiting.state == .running)
      #expect(waiting.progress == #"{"round": 1}"#)

      let two = try #require(try await queue.claim(worker: "w"))
      #expect(two.digest == digest(2))
      #expect(try await queue.claim(worker: "w") == nil)
      #expect(try await queue.finish(two, outcome: "minimum", report: "{}"))
      #expect(try await jobs.jobsToAdvance() == [id])
      let second = try #require(try await jobs.advance(id: id, decide: Self.twoRounds))
      #expect(second.progress == #"{"round": 2}"#)
      #expect(second.startedAt == startedAt)

      let three = try #require(try await queue.claim(worker: "w"))
      #expect(try await queue.finish(three, outcome: "fit", report: "{}"))
      let last = try #require(try await jobs.advance(id: id, decide: Self.twoRounds))
      #expect(last.state == .succeeded)
      #expect(last.result == #"{"outcomes": "fit minimum fit"}"#)
      #expect(last.finishedAt != nil)
      #expect(try await jobs.advance(id: id, decide: Self.twoRounds) == nil)

      let probes = try await jobs.probes(of: id, limit: 10)
      #expect(probes.map(\.digest) == [digest(1), digest(2), digest(3)])
      #expect(probes.map(\.position) == [1, 2, 3])
      #expect(probes[0].report == #"{ "loss" : 1e-3 }"#)
      #expect(probes.allSatisfy { $0.attempts == 1 && $0.worker == "w" && $0.crashes == 0 })
      let page = try await jobs.probes(of: id, after: probes[0].position, limit: 1)
      #expect(page == [probes[1]])
    }
  }

  @Test func aSecondJobAdvancesOverProbesThatAreThere() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database)
      let queue = ProbeQueue(database: database)
      let first = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: first, decide: Self.twoRounds)
      while let claim = try await queue.claim(worker: "w") {
        _ = try await queue.finish(claim, outcome: "fit", report: "{}")
        _ = try await jobs.advance(id: first, decide: Self.twoRounds)
      }
      let second = try await jobs.submit(specification: "{}").id
      let job = try #require(try await jobs.advance(id: second, decide: Self.twoRounds))
      #expect(job.state == .succeeded)
      #expect(job.startedAt != nil)
      #expect(try await jobs.job(first)?.result == job.result)
      #expect(try await queue.counts() == [.finished: 3])
      #expect(try await jobs.probes(of: second, limit: 10).allSatisfy { $0.attempts == 1 })
    }
  }

  @Test func twoJobsShareAProbeThatRuns() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database)
      let queue = ProbeQueue(database: database)
      let ask: @Sendable (JobRecord, [ProbeRecord]) -> JobAdvance = { _, probes in
        guard let probe = probes.first else { return .enqueue([request(1)], progress: nil) }
        return probe.state == .finished ? .succeed(result: "{}") : .wait(progress: nil)
      }
      let first = try await jobs.submit(specification: "{}").id
      let second = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: first, decide: ask)
      let claim = try #require(try await queue.claim(worker: "w"))
      // The second job links to a probe under way, so it runs from now on.
      #expect(try await jobs.advance(id: second, decide: ask)?.state == .running)
      #expect(try await queue.claim(worker: "w") == nil)
      #expect(try await jobs.liveJobs(wanting: digest(1)) == [first, second])
      #expect(try await queue.finish(claim, outcome: "fit", report: "{}"))
      for id in [first, second] {
        #expect(try await jobs.advance(id: id, decide: ask)?.state == .succeeded)
      }
      #expect(try await jobs.liveJobs(wanting: digest(1)).isEmpty)
    }
  }

  @Test func whatDecideThrowsLeavesTheJobAsItWas() async throws {
    struct Refused: Error {}
    try await withDatabase { database in
      let jobs = JobStore(database: database)
      let before = try await jobs.submit(specification: "{}")
      await #expect(throws: Refused.self) {
        try await jobs.advance(id: before.id) { _, _ in throw Refused() }
      }
      #expect(try await jobs.job(before.id) == before)
      await #expect(throws: AdvanceError.noProgress(job: before.id)) {
        try await jobs.advance(id: before.id) { _, _ in .enqueue([], progress: nil) }
      }
      #expect(try await jobs.job(before.id) == before)
    }
  }

  @Test func probesThatEndTogetherDoNotMissEachOther() async throws {
    try await withDatabase(poolSize: 8) { database in
      let jobs = JobStore(database: database)
      let queue = ProbeQueue(database: database)
      for round in 0..<15 {
        let asked = (1...4).map { request(100 * (round + 1) + $0) }
        let decide: @Sendable (JobRecord, [ProbeRecord]) -> JobAdvance = { _, probes in
          if probes.isEmpty { return .enqueue(asked, progress: nil) }
          return probes.allSatisfy { $0.state == .finished }
            ? .succeed(result: "{}") : .wait(progress: nil)
        }
        let id = try await jobs.submit(specification: "{}").id
        _ = try await jobs.advance(id: id, decide: decide)
        var claims: [ClaimedProbe] = []
        while let claim = try await queue.claim(worker: "w") { claims.append(claim) }
        #expect(claims.count == 4)
        try await withThrowingTaskGroup(of: Void.self) { group in
          for claim in claims {
            group.addTask {
              #expect(try await queue.finish(claim, outcome: "fit", report: "{}"))
              for id in try await jobs.liveJobs(wanting: claim.digest) {
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

  /// Two that advance one job: the second waits for the row's lock, so only one decides at a time and a
  /// round is asked for once.
  @Test func onlyOneDecidesAtATime() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database)
      let id = try await jobs.submit(specification: "{}").id
      let gate = Gate()
      let decisions = Counter()
      let asked = Counter()
      let decide: @Sendable (JobRecord, [ProbeRecord]) -> JobAdvance = { _, probes in
        if decisions.increment() == 1 { gate.wait() }
        guard probes.isEmpty else { return .wait(progress: nil) }
        asked.increment()
        return .enqueue([request(1)], progress: nil)
      }
      async let first = jobs.advance(id: id, decide: decide)
      _ = try await eventually("one decides") { decisions.value == 1 ? true : nil }
      async let second = jobs.advance(id: id, decide: decide)
      let waiting = Statement(
        "see who waits",
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
      _ = try await eventually("the other waits for the lock, or has gone past it") {
        decisions.value > 1 ? true : try await database.query(waiting) { _ in true }.first
      }
      #expect(decisions.value == 1)
      gate.open()
      #expect(try await first?.state == .queued)
      #expect(try await second?.state == .queued)
      #expect(decisions.value == 2)
      #expect(asked.value == 1)
    }
  }

  /// The outcome is committed after the second job's step has seen the probe run and before the step
  /// commits its link, so the worker's look for jobs can't find it. A trigger that waits for an advisory
  /// lock holds the commit back that long.
  @Test func aProbeThatEndsWhileItIsBeingLinkedIsNotMissed() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database)
      let queue = ProbeQueue(database: database)
      let decide: @Sendable (JobRecord, [ProbeRecord]) -> JobAdvance = { _, probes in
        guard let probe = probes.first else { return .enqueue([request(1)], progress: nil) }
        return probe.state == .finished ? .succeed(result: "{}") : .wait(progress: nil)
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
      async let advanced = jobs.advance(id: second, decide: decide)
      _ = try await eventually("the step is about to commit") {
        try await database.query(
          Statement("waiting", "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        ) { _ in true }.first
      }
      #expect(try await queue.finish(claim, outcome: "fit", report: "{}"))
      #expect(try await jobs.liveJobs(wanting: claim.digest) == [first])
      gate.open()
      try await holder
      #expect(try await advanced?.state == .succeeded)
    }
  }
}
