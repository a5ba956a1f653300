import Foundation
import Persistence
import Testing

@Suite struct ProbeQueueTests {
  /// A job that wants the probes of the given numbers, enqueued.
  private func job(
    wanting numbers: ClosedRange<Int>, priority: Int = 0, in database: Database
  ) async throws -> UUID {
    let jobs = JobStore(database: database, engineRevision: 1)
    let id = try await jobs.submit(JobSubmission(specification: "{}", priority: priority)).id
    _ = try await jobs.advance(id: id) { _ in .enqueue(numbers.map(request), progress: nil) }
    return id
  }

  @Test func sixteenClaimersGetDistinctProbes() async throws {
    try await withDatabase(poolSize: 16) { database in
      _ = try await job(wanting: 1...64, in: database)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let claimed = try await withThrowingTaskGroup(of: [ClaimedProbe].self) { group in
        for number in 0..<16 {
          group.addTask {
            var mine: [ClaimedProbe] = []
            while let claim = try await queue.claim(worker: "worker \(number)") {
              mine.append(claim)
            }
            return mine
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(claimed.count == 64)
      #expect(Set(claimed.map(\.digest)) == Set((1...64).map(digest)))
      #expect(claimed.allSatisfy { $0.attempt == 1 })
      #expect(try await database.probeCounts() == [.running: 64])
    }
  }

  @Test func demandIsWhatAProcessTrainsAndWhatWaitsForAnyone() async throws {
    try await withDatabase { database in
      let queue = ProbeQueue(database: database, engineRevision: 1)
      _ = try await job(wanting: 1...5, in: database)
      // Two jobs may want the same probes, and nobody those of a job that was cancelled.
      _ = try await job(wanting: 3...5, in: database)
      _ = try await JobStore(database: database, engineRevision: 1).cancel(
        try await job(wanting: 6...9, in: database))
      #expect(try await queue.demand(ofWorkersNamed: "here/") == 5)
      let mine = try #require(try await queue.claim(worker: "here/0"))
      _ = try #require(try await queue.claim(worker: "there/0"))
      #expect(try await queue.demand(ofWorkersNamed: "here/") == 4)
      #expect(try await queue.demand(ofWorkersNamed: "nowhere/") == 3)
      #expect(try await queue.finish(mine, outcome: .fit))
      #expect(try await queue.demand(ofWorkersNamed: "here/") == 3)
    }
  }

  @Test func jobsTakeTurns() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let large = try await job(wanting: 1...1000, in: database)
      for number in 1...10 { #expect(try await queue.claim(worker: "w")?.digest == digest(number)) }
      _ = try await job(wanting: 2001...2003, in: database)
      var order: [String] = []
      for _ in 0..<6 { order.append(try #require(try await queue.claim(worker: "w")).digest) }
      #expect(order == [11, 2001, 12, 2002, 13, 2003].map(digest))
      // Weight goes before turns, and what a cancelled job wanted is no longer there.
      _ = try await job(wanting: 3001...3002, priority: 5, in: database)
      #expect(try await queue.claim(worker: "w")?.digest == digest(3001))
      _ = try await jobs.cancel(large)
      #expect(try await queue.claim(worker: "w")?.digest == digest(3002))
      #expect(try await queue.claim(worker: "w") == nil)
    }
  }

  @Test func whoComesToAnEmptyQueueIsNotBehindItsPast() async throws {
    try await withDatabase { database in
      let queue = ProbeQueue(database: database, engineRevision: 1)
      _ = try await job(wanting: 1...50, in: database)
      while try await queue.claim(worker: "w") != nil {}
      _ = try await job(wanting: 101...103, in: database)
      _ = try await job(wanting: 201...203, in: database)
      let order = try await queue.claim(ProbeClaimant(worker: "w"), limit: 10).map(\.digest)
      #expect(order == [101, 201, 102, 202, 103, 203].map(digest))
    }
  }

  @Test func onlyWhatAMachineCanWorkOnIsClaimed() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let id = try await jobs.submit(specification: "{}").id
      var requests = (1...3).map { request($0) }
      requests[0].memory = 1 << 40
      requests[1].datasetDigest = digest(77)
      _ = try await jobs.advance(id: id) { [requests] _ in .enqueue(requests, progress: nil) }
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let small = ProbeClaimant(worker: "w", memory: 1 << 30, lackingDatasets: [digest(77)])
      #expect(try await queue.claim(small, limit: 10).map(\.digest) == [digest(3)])
      #expect(
        try await queue.claim(ProbeClaimant(worker: "w", memory: 1 << 30), limit: 10).map(\.digest)
          == [digest(2)])
      // Another revision's probes are nobody's but that revision's.
      let other = ProbeQueue(database: database, engineRevision: 2)
      #expect(try await other.claim(worker: "w") == nil)
      #expect(try await queue.claim(worker: "w")?.digest == digest(1))
    }
  }

  @Test func anExpiredLeaseIsTakenOverAndTheLateWorkerCannotWrite() async throws {
    try await withDatabase { database in
      _ = try await job(wanting: 1...1, in: database)
      let hasty = ProbeQueue(database: database, engineRevision: 1, lease: .milliseconds(20))
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let late = try #require(try await hasty.claim(worker: "late"))
      let heir = try await eventually("the lease runs out") {
        try await queue.reclaim()
        return try await queue.claim(worker: "heir")
      }
      #expect(heir.digest == late.digest)
      #expect(heir.attempt == late.attempt + 1)
      #expect(try await queue.heartbeat(late) == false)
      #expect(try await queue.finish(late, outcome: .fit) == false)
      #expect(try await queue.fail(late.fence, error: "late") == false)
      #expect(try await queue.handBack(late) == false)
      #expect(try await queue.heartbeat(heir))
      #expect(try await queue.finish(heir, outcome: .saddle, report: #"{"by": "heir"}"#))
      #expect(try await queue.finish(late, outcome: .fit) == false)
      #expect(try await queue.finish(heir, outcome: .fit) == false)
      let stored = try await database.query(
        Statement("read", "SELECT outcome, worker, crashes FROM probes")
      ) {
        (
          "\(try $0.value("outcome", as: String.self)) \(try $0.value("worker", as: String.self))",
          try $0.value("crashes", as: Int.self)
        )
      }
      #expect(stored.count == 1)
      #expect(stored[0] == ("saddle heir", 1))
    }
  }

  @Test func aHeartbeatKeepsTheLease() async throws {
    try await withDatabase { database in
      _ = try await job(wanting: 1...1, in: database)
      let queue = ProbeQueue(database: database, engineRevision: 1, lease: .milliseconds(20))
      let claim = try #require(try await queue.claim(worker: "w"))
      #expect(try await ProbeQueue(database: database, engineRevision: 1).heartbeat(claim))
      let isExpired = Statement(
        "see", "SELECT lease_expires_at > clock_timestamp() + interval '20 s' AS held FROM probes")
      #expect(try await database.query(isExpired) { try $0.value("held", as: Bool.self) } == [true])
      #expect(try await queue.claim(worker: "other") == nil)
    }
  }

  @Test func cancellingStopsOnlyProbesThatNoLiveJobWants() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let first = try await job(wanting: 1...2, in: database)
      let second = try await job(wanting: 2...3, in: database)
      let alone = try #require(try await queue.claim(worker: "w"))
      let shared = try #require(try await queue.claim(worker: "w"))
      #expect(alone.digest == digest(1) && shared.digest == digest(2))
      _ = try await jobs.cancel(first)
      #expect(try await queue.heartbeat(alone) == false)
      #expect(try await queue.heartbeat(shared))
      // It went back by itself; its former worker has nothing left to say about it.
      #expect(try await queue.finish(alone, outcome: .fit) == false)
      #expect(try await queue.claim(worker: "w")?.digest == digest(3))
      #expect(try await queue.claim(worker: "w") == nil)
      _ = try await jobs.cancel(second)
      #expect(try await queue.heartbeat(shared) == false)
      // A new job that asks for a probe that was stopped has it trained from the start.
      _ = try await job(wanting: 1...1, in: database)
      let again = try #require(try await queue.claim(worker: "x"))
      #expect(again.digest == digest(1))
      #expect(again.attempt == alone.attempt + 1)
    }
  }

  @Test func aLateOutcomeDoesNotReviveACancelledJob() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let id = try await job(wanting: 1...1, in: database)
      let claim = try #require(try await queue.claim(worker: "w"))
      guard case .done(let cancelled) = try await jobs.cancel(id) else {
        Issue.record("not cancelled")
        return
      }
      // The outcome itself is true and stays, for whoever asks next.
      #expect(try await queue.finish(claim, outcome: .fit))
      #expect(try await jobs.advanced(id) { _ in .succeed(result: "{}", progress: nil) } == nil)
      #expect(try await jobs.job(id) == cancelled)
      #expect(try await jobs.liveJobs(wanting: [digest(1)]).isEmpty)
    }
  }

  @Test func aProbeHandedBackIsClaimedAgain() async throws {
    try await withDatabase { database in
      _ = try await job(wanting: 1...1, in: database)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let first = try #require(try await queue.claim(worker: "a"))
      #expect(try await queue.handBack(first))
      #expect(try await queue.handBack(first) == false)
      let second = try #require(try await queue.claim(worker: "b"))
      #expect(second.attempt == 2)
      #expect(try await queue.finish(first, outcome: .fit) == false)
      #expect(try await queue.finish(second, outcome: .fit))
    }
  }

  @Test func aFailedProbeFailsItsJobsAndIsRetriedForANewOne() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let first = try await job(wanting: 1...2, in: database)
      let second = try await job(wanting: 1...1, in: database)
      let claim = try #require(try await queue.claim(worker: "w"))
      #expect(try await queue.fail(claim.fence, error: "the data set's file has gone"))
      #expect(Set(try await jobs.jobsToAdvance()) == [first, second])
      for id in [first, second] {
        let job = try await jobs.advanced(id) { _ in
          Issue.record("a job with a failed probe has nothing to decide")
          return .wait(progress: nil)
        }
        #expect(job?.state == .failed)
        #expect(job?.error == "the data set's file has gone")
      }
      _ = try await job(wanting: 1...1, in: database)
      let again = try #require(try await queue.claim(worker: "w"))
      #expect(again.digest == digest(1))
      #expect(again.attempt == claim.attempt + 1)
      #expect(try await queue.finish(again, outcome: .fit))
    }
  }

  @Test func aProbeThatEndsItsWorkersIsGivenUp() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let id = try await job(wanting: 1...1, in: database)
      let queue = ProbeQueue(database: database, engineRevision: 1, crashLimit: 3)
      for attempt in 1...3 {
        let claim = try #require(try await queue.claim(worker: "host-1 thread \(attempt)"))
        #expect(claim.attempt == Int64(attempt))
        #expect(try await queue.takeBack(fromWorkersNamed: "host-2") == 0)
        #expect(try await queue.takeBack(fromWorkersNamed: "host-1") == 1)
      }
      #expect(try await queue.claim(worker: "w") == nil)
      #expect(try await jobs.jobsToAdvance() == [id])
      let failed = try await jobs.advanced(id) { _ in .wait(progress: nil) }
      #expect(failed?.state == .failed)
      #expect(failed?.error?.contains("after 3 workers in a row") == true)
    }
  }
}
