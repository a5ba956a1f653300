import Foundation
import Persistence
import Synchronization
import Testing

@Suite struct VersionTests {
  @Test func everyChangeRaisesTheVersionOnceATransaction() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let job = try await jobs.submit(specification: "{}")
      let other = try await jobs.submit(specification: "{}")
      #expect(job.version > 0 && other.version == job.version + 1)
      _ = try await jobs.advance(id: job.id) { _, _ in .wait(progress: #"{"a": 1}"#) }
      #expect(try await jobs.job(job.id)?.version == other.version + 1)
      // Nothing has changed, so there is no new version.
      _ = try await jobs.advance(id: job.id) { _, _ in .wait(progress: #"{"a": 1}"#) }
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
                _ = try await jobs.advance(id: id) { _, _ in .wait(progress: #"{"change": \#(change)}"#) }
              }
            }
          }
        }
        try await group.waitForAll()
      }
      areWriting.withLock { $0 = false }
      var stored: [UUID: Int64] = [:]
      for job in try await jobs.list(limit: 100) { stored[job.id] = job.version }
      let last = try await seen
      #expect(last == stored)
      #expect(Set(stored.values).count == 40)
    }
  }
}
