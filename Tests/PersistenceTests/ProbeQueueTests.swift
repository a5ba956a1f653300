import Foundation
import Persistence
import Testing

@Suite struct ProbeQueueTests {
  /// A job that wants the probes of the given numbers, enqueued.
  private func job(
    wanting numbers: ClosedRange<Int>, in database: Database
  ) async throws -> UUID {
    let jobs = JobStore(database: database)
    let id = try await jobs.submit(specification: "{}").id
    _ = try await jobs.advance(id: id) { _, _ in .enqueue(numbers.map(request), progress: nil) }
    return id
  }

  @Test func sixteenClaimersGetDistinctProbes() async throws {
    try await withDatabase(poolSize: 16) { database in
      _ = try await job(wanting: 1...64, in: database)
      let queue = ProbeQueue(database: database)
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
      #expect(try await queue.counts() == [.running: 64])
    }
  }

  @Test func demandIsWhatAProcessTrainsAndWhatWaitsForAnyone() async throws {
    try await withDatabase { database in
      let queue = ProbeQueue(database: database)
      _ = try await job(wanting: 1...5, in: database)
      // Two jobs may want the same probes, and nobody those of a job that was cancelled.
      _ = try await job(wanting: 3...5, in: database)
      _ = try await JobStore(database: database).cancel(try await job(wanting: 6...9, in: database))
      #expect(try await queue.demand(ofWorkersNamed: "here/") == 5)
      let mine = try #require(try await queue.claim(worker: "here/0"))
      _ = try #require(try await queue.claim(worker: "there/0"))
      #expect(try await queue.demand(ofWorkersNamed: "here/") == 4)
      #expect(try await queue.demand(ofWorkersNamed: "nowhere/") == 3)
      #expect(try await queue.finish(mine, outcome: "fit", report: "{}"))
      #expect(try await queue.demand(ofWorkersNamed: "here/") == 3)
    }
  }

  @Test func theOldestLiveJobComesFirst() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database)
      let queue = ProbeQueue(database: database)
      let first = try await job(wanting: 1...2, in: database)
      let second = try await job(wanting: 3...4, in: database)
      // The first job asks for another probe after the second job has asked for its own.
      _ = try await jobs.advance(id: first) { _, _ in .enqueue([request(5)], progress: nil) }
      _ = try await job(wanting: 6...6, in: database)
      _ = try await jobs.cancel(second)
      var order: [String] = []
      while let claim = try await queue.claim(worker: "w") { order.append(claim.digest) }
      #expect(order == [1, 2, 5, 6].map(digest))
    }
  }

  @Test func anExpiredLeaseIsTakenOverAndTheLateWorkerCannotWrite() async throws {
    try await withDatabase { database in
      _ = try await job(wanting: 1...1, in: database)
      let hasty = ProbeQueue(database: database, lease: .milliseconds(20))
      let queue = ProbeQueue(database: database)
      let late = try #require(try await hasty.claim(worker: "late"))
      let heir = try await eventually("the lease runs out") {
        try await queue.claim(worker: "heir")
      }
      #expect(heir.digest == late.digest)
      #expect(heir.attempt == late.attempt + 1)
      #expect(try await queue.heartbeat(late) == false)
      #expect(try await queue.finish(late, outcome: "fit", report: "{}") == false)
      #expect(try await queue.fail(late, error: "late") == false)
      #expect(try await queue.handBack(late) == false)
      #expect(try await queue.heartbeat(heir))
      #expect(try await queue.finish(heir, outcome: "saddle", report: #"{"by": "heir"}"#))
      #expect(try await queue.finish(late, outcome: "fit", report: "{}") == false)
      #expect(try await queue.finish(heir, outcome: "fit", report: "{}") == false)
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
      let queue = ProbeQueue(database: database, lease: .milliseconds(20))
      let claim = try #require(try await queue.claim(worker: "w"))
      #expect(try await ProbeQueue(database: database).heartbeat(claim))
      let isExpired = Statement(
        "see", "SELECT lease_expires_at > clock_timestamp() + interval '20 s' AS held FROM probes")
      #expect(try await database.query(isExpired) { try $0.value("held", as: Bool.self) } == [true])
      #expect(try await queue.claim(worker: "other") == nil)
    }
  }

  @Test func cancellingStopsOnlyProbesThatNoLiveJobWants() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database)
      let queue = ProbeQueue(database: database)
      let first = try await job(wanting: 1...2, in: database)
      let second = try await job(wanting: 2...3, in: database)
      let alone = try #require(try await queue.claim(worker: "w"))
      let shared = try #require(try await queue.claim(worker: "w"))
      #expect(alone.digest == digest(1) && shared.digest == digest(2))
      _ = try await jobs.cancel(first)
      #expect(try await queue.heartbeat(alone) == false)
      #expect(try await queue.heartbeat(shared))
      // It went back by itself; its former worker has nothing left to say about it.
      #expect(try await queue.finish(alone, outcome: "fit", report: "{}") == false)
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
      let jobs = JobStore(database: database)
      let queue = ProbeQueue(database: database)
      let id = try await job(wanting: 1...1, in: database)
      let claim = try #require(try await queue.claim(worker: "w"))
      guard case .cancelled(let cancelled) = try await jobs.cancel(id) else {
        Issue.record("not cancelled")
        return
      }
      // The outcome itself is true and stays, for whoever asks next.
      #expect(try await queue.finish(claim, outcome: "fit", report: "{}"))
      #expect(try await jobs.advance(id: id) { _, _ in .succeed(result: "{}") } == nil)
      #expect(try await jobs.job(id) == cancelled)
      #expect(try await jobs.liveJobs(wanting: digest(1)).isEmpty)
    }
  }

  @Test func aProbeHandedBackIsClaimedAgain() async throws {
    try await withDatabase { database in
      _ = try await job(wanting: 1...1, in: database)
      let queue = ProbeQueue(database: database)
      let first = try #require(try await queue.claim(worker: "a"))
      #expect(try await queue.handBack(first))
      #expect(try await queue.handBack(first) == false)
      let second = try #require(try await queue.claim(worker: "b"))
      #expect(second.attempt == 2)
      #expect(try await queue.finish(first, outcome: "fit", report: "{}") == false)
      #expect(try await queue.finish(second, outcome: "fit", report: "{}"))
    }
  }

  @Test func aFailedProbeFailsItsJobsAndIsRetriedForANewOne() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database)
      let queue = ProbeQueue(database: database)
      let first = try await job(wanting: 1...2, in: database)
      let second = try await job(wanting: 1...1, in: database)
      let claim = try #require(try await queue.claim(worker: "w"))
      #expect(try await queue.fail(claim, error: "the data set's file has gone"))
      #expect(Set(try await jobs.jobsToAdvance()) == [first, second])
      for id in [first, second] {
        let job = try await jobs.advance(id: id) { _, _ in
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
      #expect(try await queue.finish(again, outcome: "fit", report: "{}"))
    }
  }

  @Test func aProbeThatEndsItsWorkersIsGivenUp() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database)
      let id = try await job(wanting: 1...1, in: database)
      let queue = ProbeQueue(database: database, crashLimit: 3)
      for attempt in 1...3 {
        let claim = try #require(try await queue.claim(worker: "host-1 thread \(attempt)"))
        #expect(claim.attempt == Int64(attempt))
        #expect(try await queue.expireLeases(ofWorkersNamed: "host-2") == 0)
        #expect(try await queue.expireLeases(ofWorkersNamed: "host-1") == 1)
      }
      #expect(try await queue.claim(worker: "w") == nil)
      #expect(try await jobs.jobsToAdvance() == [id])
      let failed = try await jobs.advance(id: id) { _, _ in .wait(progress: nil) }
      #expect(failed?.state == .failed)
      #expect(failed?.error?.contains("after 3 workers in a row") == true)
    }
  }
}
