import Foundation
import Persistence
import Synchronization
import Testing

/// Raised once, seen by all.
private final class Flag: Sendable {
  private let value = Mutex(false)
  var isRaised: Bool { value.withLock { $0 } }
  func raise() { value.withLock { $0 = true } }
}

@Suite struct VersionTests {
  @Test func everyChangeRaisesTheVersionOnceATransaction() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let job = try await jobs.submit(specification: "{}")
      let other = try await jobs.submit(specification: "{}")
      #expect(job.version > 0 && other.version == job.version + 1)
      _ = try await jobs.advance(id: job.id) { _ in .wait(progress: #"{"a": 1}"#) }
      #expect(try await jobs.job(job.id)?.version == other.version + 1)
      // Nothing has changed, so there is no new version.
      _ = try await jobs.advance(id: job.id) { _ in .wait(progress: #"{"a": 1}"#) }
      #expect(try await jobs.job(job.id)?.version == other.version + 1)
      try await database.transaction { session in
        try session.query(Statement("one", "UPDATE jobs SET waiting_for = 'a' WHERE id = $1::uuid"), job.id)
        try session.query(Statement("two", "UPDATE jobs SET waiting_for = 'b' WHERE id = $1::uuid"), job.id)
      }
      #expect(try await jobs.job(job.id)?.version == other.version + 2)
      #expect(try await jobs.changes(since: job.version, limit: 10).map(\.id) == [other.id, job.id])
      #expect(try await jobs.changes(since: other.version + 2, limit: 10).isEmpty)
    }
  }

  /// Who records a probe's end has the lock of the versions at its commit, and asks for the job's row then: were that one held
  /// by an advance, which waits for the versions at its own, both would stand still until the server breaks it after a second.
  @Test func aProbesEndDoesNotWaitForAnAdvance() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let id = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: id) { _ in .enqueue([request(1)], progress: "{}") }
      let claim = try #require(try await queue.claim(worker: "w"))
      // Another transaction has made a probe that the advance asks for, and is not over: the advance waits with the job's row.
      let (isMade, isOver, hasEnded) = (Flag(), Flag(), Flag())
      let other = Task {
        try await database.transaction { session in
          let make = Statement(
            "make",
            """
            INSERT INTO probes (digest, trajectory, samples, replicate, guard, engine_revision, specification)
            VALUES ($1, $1, 128, 2, 1000, 1, '{}')
            """)
          try session.query(make, digest(2))
          isMade.raise()
          while !isOver.isRaised { Thread.sleep(forTimeInterval: 0.005) }
        }
      }
      _ = try await eventually("the probe is made") { isMade.isRaised ? true : nil }
      let advance = Task {
        try await jobs.advanced(id) { _ in .enqueue([request(2)], progress: #"{"round": 2}"#) }
      }
      let waiting = Statement(
        "see who waits",
        """
        SELECT count(*) AS count FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO probes%'
        """)
      _ = try await eventually("the advance waits") {
        try await database.query(waiting) { try $0.value("count", as: Int.self) } == [1] ? true : nil
      }
      let finish = Task {
        let isRecorded = try await queue.finish(claim, outcome: .fit)
        hasEnded.raise()
        return isRecorded
      }
      // Whatever this shows: all of them end once the other transaction does.
      _ = try? await eventually(within: .seconds(20), "the end is recorded") {
        hasEnded.isRaised ? true : nil
      }
      isOver.raise()
      #expect(try await finish.value)
      try await other.value
      #expect(try await advance.value?.progress == #"{"round": 2}"#)
    }
  }

  /// Writers on eight connections, and one who reads on from the last version seen: it may not miss the last
  /// change of any job, as it would where a smaller version became visible after a larger one.
  @Test func versionsAppearInOrder() async throws {
    try await withDatabase(poolSize: 10) { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      var ids: [UUID] = []
      for _ in 0..<40 { ids.append(try await jobs.submit(specification: "{}").id) }
      let areWriting = Mutex(true)
      async let seen = {
        var last: Int64 = 0
        var seen: [UUID: Int64] = [:]
        var isLast = false
        while true {
          let changed = try await jobs.changes(since: last, limit: 1000)
          for job in changed {
            #expect(job.version > last)
            last = job.version
            seen[job.id] = job.version
          }
          if isLast && changed.isEmpty { return seen }
          isLast = !areWriting.withLock { $0 }
        }
      }()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<8 {
          group.addTask { [ids] in
            for (number, id) in ids.enumerated() where number % 8 == writer {
              for change in 0..<20 {
                _ = try await jobs.advance(id: id) { _ in .wait(progress: #"{"change": \#(change)}"#) }
              }
            }
          }
        }
        try await group.waitForAll()
      }
      areWriting.withLock { $0 = false }
      var stored: [UUID: Int64] = [:]
      for job in try await jobs.page(limit: 100).records { stored[job.id] = job.version }
      let last = try await seen
      #expect(last == stored)
      #expect(Set(stored.values).count == 40)
    }
  }
}
