import Foundation
import Persistence
import Testing

@Suite struct ListenerTests {
  @Test(.timeLimit(.minutes(1)))
  func hearsEveryChangeOfJobsAndProbes() async throws {
    try await withDatabase { database in
      let listener = try NotificationListener(url: database.url, logger: quiet)
      defer { listener.close() }
      var events = listener.events().makeAsyncIterator()
      #expect(await events.next() == .connected)

      let jobs = JobStore(database: database)
      let queue = ProbeQueue(database: database)
      let id = try await jobs.submit(specification: "{}").id
      #expect(await events.next() == .job(id: id, state: .queued))
      _ = try await jobs.advance(id: id) { _, _ in .enqueue([request(1)], progress: nil) }
      #expect(await events.next() == .probe(digest: digest(1), state: .queued))
      let claim = try #require(try await queue.claim(worker: "w"))
      var heard: Set<DatabaseEvent> = []
      for _ in 0..<2 { if let event = await events.next() { heard.insert(event) } }
      #expect(heard == [.probe(digest: digest(1), state: .running), .job(id: id, state: .running)])
      #expect(try await queue.heartbeat(claim))
      #expect(try await queue.finish(claim, outcome: "fit", report: "{}"))
      // A heartbeat changes nothing that anybody waits for.
      #expect(await events.next() == .probe(digest: digest(1), state: .finished))
      _ = try await jobs.advance(id: id) { _, _ in .wait(progress: #"{"done": 1}"#) }
      #expect(await events.next() == .job(id: id, state: .running))
      _ = try await jobs.cancel(id)
      #expect(await events.next() == .job(id: id, state: .cancelled))
      listener.close()
      #expect(await events.next() == nil)
      var late = listener.events().makeAsyncIterator()
      #expect(await late.next() == nil)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func listensAgainAfterTheConnectionWasLost() async throws {
    try await withDatabase { database in
      let listener = try NotificationListener(url: database.url, logger: quiet)
      defer { listener.close() }
      var events = listener.events().makeAsyncIterator()
      #expect(await events.next() == .connected)
      let terminate = Statement(
        "end every other connection",
        """
        SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'
        """)
      #expect(
        try await database.query(terminate) { try $0.value("ended", as: Bool.self) } == [true])
      #expect(await events.next() == .connected)
      let id = try await JobStore(database: database).submit(specification: "{}").id
      #expect(await events.next() == .job(id: id, state: .queued))
    }
  }
}
