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

      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let submitted = try await jobs.submit(specification: "{}")
      let id = submitted.id
      #expect(await events.next() == .job(id: id, state: .queued, version: submitted.version))
      _ = try await jobs.advance(id: id) { _ in .enqueue([request(1), request(2)], progress: nil) }
      #expect(await events.next() == .probesQueued)
      let claim = try #require(try await queue.claim(worker: "w"))
      let running = try #require(try await jobs.job(id))
      #expect(running.version > submitted.version)
      #expect(await events.next() == .job(id: id, state: .running, version: running.version))
      // A heartbeat changes nothing that anybody waits for.
      #expect(try await queue.heartbeat(claim))
      #expect(try await queue.handBack(claim))
      #expect(await events.next() == .probesQueued)
      let advanced = try await jobs.advanced(id) { _ in .wait(progress: #"{"done": 1}"#) }
      let progressed = try #require(advanced)
      #expect(await events.next() == .job(id: id, state: .running, version: progressed.version))
      guard case .done(let cancelled) = try await jobs.cancel(id) else {
        Issue.record("not cancelled")
        return
      }
      #expect(await events.next() == .job(id: id, state: .cancelled, version: cancelled.version))
      #expect(try await jobs.delete(id) == .done(cancelled))
      guard case .jobDeleted(id, let version) = await events.next() else {
        Issue.record("not told of the deletion")
        return
      }
      #expect(version > cancelled.version)
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
      #expect(await events.next() == .disconnected)
      #expect(await events.next() == .connected)
      let job = try await JobStore(database: database, engineRevision: 1).submit(specification: "{}")
      #expect(await events.next() == .job(id: job.id, state: .queued, version: job.version))
    }
  }

  /// A reader is cancelled while an event is on its way to it and to many others, as when a service stops: two locks are taken
  /// then, by two threads. Hangs where readers are told under the listener's.
  @Test func aReaderMayBeCancelledWhileEventsArrive() async throws {
    try await withDatabase { database in
      let listener = try NotificationListener(url: database.url, logger: quiet)
      defer { listener.close() }
      // Nobody reads these: to tell them takes long.
      let others = (0..<500).map { _ in listener.events() }
      let announcer = Task {
        let announce = Statement(
          "announce",
          """
          SELECT count(pg_notify('emc_training', gen_random_uuid() || ' {}')) FROM generate_series(1, 20)
          """)
        while !Task.isCancelled { _ = try await database.query(announce) { _ in true } }
      }
      for _ in 0..<100 {
        let heard = Counter()
        let reader = Task { for await _ in listener.events() { _ = heard.increment() } }
        _ = try await eventually("an event is heard") { heard.value > 1 ? true : nil }
        reader.cancel()
        await reader.value
      }
      announcer.cancel()
      _ = await announcer.result
      #expect(others.count == 500)
    }
  }
}
