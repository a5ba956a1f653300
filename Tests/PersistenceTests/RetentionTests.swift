import Foundation
import Persistence
import Testing

/// What goes with time, and what is told of a job before it goes.
@Suite struct RetentionTests {
  @Test func probesThatNoJobHasGoWhetherTheyEndedOrNot() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let gone = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: gone) { _ in .enqueue((1...3).map(request), progress: nil) }
      let claim = try #require(try await queue.claim(worker: "w"))
      #expect(try await queue.finish(claim, outcome: .fit))
      let held = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: held) { _ in .enqueue([3, 4].map(request), progress: nil) }
      _ = try await jobs.pause(held)
      _ = try await jobs.cancel(gone)
      guard case .done = try await jobs.delete(gone) else {
        Issue.record("not deleted")
        return
      }
      // Not before their time.
      #expect(try await jobs.deleteEnded(before: .seconds(3600)) == 0)
      #expect(try await database.probeCounts() == [.finished: 1, .queued: 3])
      // What a job may go on to want stays, however old it is.
      #expect(try await jobs.deleteEnded(before: .zero) == 0)
      #expect(try await database.probeCounts() == [.queued: 2])
      #expect(try await jobs.probes(of: held, limit: 9).map(\.digest) == [3, 4].map(digest))
    }
  }

  @Test(arguments: [true, false])
  func webhooksAreToldWhetherAMeasurementIsSettled(isSettled: Bool) async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let webhooks = WebhookStore(database: database)
      let hook = try await webhooks.create(url: "https://example.com/", secret: "secret").id
      let id = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: id) { _ in
        .succeed(result: #"{"emc": 5, "budget": {"settled": \#(isSettled), "steps": 9}}"#, progress: nil)
      }
      let delivery = try #require(try await webhooks.deliveries(of: hook, after: nil, limit: 2).first)
      let payload = try JSONSerialization.jsonObject(with: Data(delivery.payload.utf8)) as? [String: Any]
      let data = try #require(payload?["data"] as? [String: Any])
      #expect(data["settled"] as? Bool == isSettled)
      #expect(data["emc"] as? Int == 5)
    }
  }
}
