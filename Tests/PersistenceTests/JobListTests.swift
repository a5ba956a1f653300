import Foundation
import Persistence
import Testing

/// What reads is asked again; ends of probes have versions in the order in which they can be seen.
@Suite struct JobListTests {
  /// The server ends the connection under the first call.
  @Test func aReadIsAskedAgainWhenTheConnectionWasLost() async throws {
    try await withDatabase { database in
      let runs = Counter()
      let number = try await database.reading { session in
        if runs.increment() == 1 {
          try session.query(Statement("end", "SELECT pg_terminate_backend(pg_backend_pid())"))
        }
        return try session.query(Statement("read", "SELECT 7 AS seven"))[0].value("seven", as: Int.self)
      }
      #expect(number == 7 && runs.value == 2)
    }
  }

  @Test(.timeLimit(.minutes(1))) func everyEndOfAProbeHasAVersion() async throws {
    try await withDatabase { database in
      let listener = try NotificationListener(url: database.url, logger: quiet)
      defer { listener.close() }
      var events = listener.events().makeAsyncIterator()
      #expect(await events.next() == .connected)
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      var ids: [UUID] = []
      for _ in 0..<2 { ids.append(try await jobs.submit(specification: "{}").id) }
      for id in ids { _ = try await jobs.advance(id: id) { _ in .enqueue([request(1)], progress: nil) } }
      let before = try await jobs.latestVersion()
      #expect(try await jobs.ends(since: 0, limit: 9).isEmpty)
      let claim = try #require(try await queue.claim(worker: "w"))
      try await queue.announceTraining([
        TrainingNews(digest: claim.digest, steps: 5, loss: 0.5, accuracy: .nan)
      ])
      #expect(try await queue.finish(claim, outcome: .fit))
      // Both jobs that want it come to know, each by a version of its own.
      let ends = try await jobs.ends(since: before, limit: 9)
      #expect(Set(ends.map(\.job)) == Set(ids) && ends.map(\.version) == ends.map(\.version).sorted())
      #expect(Set(ends.map(\.version)).count == 2 && ends.allSatisfy { $0.probe.state == .finished })
      #expect(try await jobs.latestVersion() == ends.last?.version)
      #expect(try await jobs.ends(since: before, of: ids[0], limit: 9).map(\.job) == [ids[0]])
      #expect(try await jobs.ends(since: ends[1].version, limit: 9).isEmpty)
      // A job that links to it afterwards knows at once.
      let late = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: late) { _ in .enqueue([request(1), request(2)], progress: nil) }
      let last = try await jobs.ends(since: ends[1].version, limit: 9)
      #expect(last.map(\.job) == [late])
      var told: [UUID] = []
      var training: [UUID] = []
      while told.count < 3, let event = await events.next() {
        if case .probeEnded(let id, let version) = event {
          #expect((ends + last).contains { $0.job == id && $0.version == version })
          told.append(id)
        }
        if case .training(let id, let text) = event {
          #expect(text.contains(#""steps" : 5"#) && text.contains(#""accuracy" : null"#))
          training.append(id)
        }
      }
      #expect(Set(told) == Set(ids + [late]) && Set(training) == Set(ids))
    }
  }
}
