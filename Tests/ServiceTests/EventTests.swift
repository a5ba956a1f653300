import Capacity
import Foundation
import HTTPServer
import Persistence
import Service
import Testing

/// Streams of events: every change in the order of versions, and none missing for who comes back.
@Suite struct EventTests {
  private func open(
    _ service: TestService, _ target: String, last: String? = nil
  ) async throws -> HTTPResponse {
    var headers = HTTPHeaders()
    if let last { try headers.set(.lastEventID, text: last) }
    return await service.router.respond(to: try HTTPRequest(method: .get, target: target, headers: headers))
  }

  @Test func aJobsStreamHasEverythingToItsEnd() async throws {
    try await withService(workers: 2) { service in
      var all = try EventReader(try await open(service, "/v1/events"))
      let id = try await JobChangeTests.submit(service, 21)
      let response = try await open(service, "/v1/jobs/\(id)/events?last_event_id=0")
      #expect(response.headers[.contentType] == "text/event-stream")
      let events = try await EventReader(response).all()
      let last = try #require(events.last)
      #expect(
        last.name == "job" && last.json["state"] == .string("succeeded") && last.json["id"] == .string(id))
      let versions = events.compactMap { $0.id.flatMap(Int.init) }
      #expect(versions.count == events.count { $0.name != "training" })
      #expect(versions == versions.sorted() && Set(versions).count == versions.count)
      for event in events where event.name == "job" {
        #expect(event.json["version"]?.integerValue == event.id.flatMap(Int.init))
      }
      // Each probe once, as the list shows it.
      let job = try await service.finished(id)
      let listed =
        try await service.send(.get, "/v1/jobs/\(id)/probes?limit=200").1["items"]?.arrayValue ?? []
      let told = events.filter { $0.name == "probe" }.map(\.json)
      #expect(told.count == listed.count && listed.count > 3)
      for probe in listed {
        #expect(told.contains { $0 == probe.merging(.object(["job": .string(id)])) })
      }
      // The stream of all jobs says the same.
      let seen = try await all.until { $0.id == last.id }.filter {
        $0.json["job"] == .string(id) || $0.json["id"] == .string(id)
      }
      #expect(
        seen.filter { $0.name == "probe" }.compactMap(\.id)
          == events.filter { $0.name == "probe" }.compactMap(\.id))
      // Who has seen the end need not come back; who has missed it is told.
      #expect(try await open(service, "/v1/jobs/\(id)/events", last: last.id).status == .noContent)
      let half = versions[versions.count / 2]
      let rest = try await EventReader(try await open(service, "/v1/jobs/\(id)/events", last: String(half)))
        .all()
      #expect(
        rest.filter { $0.name == "probe" }.compactMap(\.id)
          == events.filter { $0.name == "probe" }.compactMap(\.id).filter { Int($0) ?? 0 > half })
      #expect(rest.last?.id == last.id && job["state"] == .string("succeeded"))
      var again = try EventReader(try await open(service, "/v1/events", last: String(half)))
      let missed = try await again.until { $0.id == last.id }
      #expect(
        missed.filter { $0.name == "probe" }.compactMap(\.id)
          == rest.filter { $0.name == "probe" }.compactMap(\.id))
    }
  }

  @Test func changesAndDeletionsAreTold() async throws {
    try await withService { service in
      let id = try await JobChangeTests.submit(service, 1)
      var mine = try EventReader(try await open(service, "/v1/jobs/\(id)/events"))
      #expect(try await mine.next()?.json["state"] == .string("queued"))
      var all = try EventReader(try await open(service, "/v1/events"))
      let other = try await JobChangeTests.submit(service, 2)
      _ = try await service.send(.post, "/v1/jobs/\(id)/pause")
      // The first probes are asked for when the job is advanced, which may come in between.
      let before = try await mine.until { $0.json["state"] != .string("queued") }
      #expect(before.last?.json["state"] == .string("paused"))
      // In what order depends on what else happens to the other.
      var missing: Set = [id, other]
      _ = try await all.until { event in
        if event.json["id"] == .string(other) { missing.remove(other) }
        if event.json["state"] == .string("paused") { missing.remove(id) }
        return missing.isEmpty
      }
      _ = try await service.send(.post, "/v1/jobs/\(id)/cancel")
      let after = try await mine.until { $0.json["state"] != .string("paused") }
      #expect(after.last?.json["state"] == .string("cancelled"))
      #expect(try await mine.next() == nil)
      _ = try await service.send(.delete, "/v1/jobs/\(id)")
      let deleted = try await all.until { $0.name == "deleted" }.last
      #expect(deleted?.json["id"] == .string(id) && deleted?.id == nil)
      for target in ["/v1/events?last_event_id=x", "/v1/jobs/\(other)/events?colour=1"] {
        #expect(try await open(service, target).status == .badRequest, "\(target)")
      }
    }
  }

  /// Cancelled and deleted at once, a job has no end left to be read: its streams end all the same.
  @Test(.timeLimit(.minutes(5))) func aDeletedJobsStreamEnds() async throws {
    try await withService { service in
      let id = try await JobChangeTests.submit(service, 31)
      let uuid = try #require(UUID(uuidString: id))
      func delete(_ id: UUID) async throws {
        try await service.database.transaction { session in
          _ = try session.query(
            Statement("cancel", "UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = $1"), id)
          _ = try session.query(Statement("delete", "DELETE FROM jobs WHERE id = $1"), id)
        }
      }
      var fresh = try EventReader(try await open(service, "/v1/jobs/\(id)/events"))
      #expect(try await fresh.next()?.name == "job")
      // It has missed all there is.
      let behind = try EventReader(try await open(service, "/v1/jobs/\(id)/events", last: "0"))
      try await delete(uuid)
      for events in [try await fresh.all(), try await behind.all()] {
        #expect(events.last?.name == "deleted" && events.last?.json["id"] == .string(id))
        #expect(events.count { $0.name == "deleted" } == 1)
      }
      #expect(try await open(service, "/v1/jobs/\(id)/events").status == .notFound)
    }
  }

  /// Who has missed more than a stream holds, and doesn't read for now, loses nothing of it and keeps nothing from the others.
  @Test func whoIsFarBehindHoldsNobodyUp() async throws {
    try await withService { service in
      let store = JobStore(database: service.database, engineRevision: engineRevision)
      let document = #"{"padding": "\#(String(repeating: "x", count: 20_000))"}"#
      let missed = try await store.submit(
        (0..<300).map { _ in JobSubmission(specification: document) },
        andThen: { _, session in
          // Nobody is to advance them.
          _ = try session.query(Statement("pause all", "UPDATE jobs SET state = 'paused'"))
        })
      var behind = try EventReader(try await open(service, "/v1/events?last_event_id=0"))
      var current = try EventReader(try await open(service, "/v1/events"))
      let id = try await JobChangeTests.submit(service, 22)
      _ = try await current.until { $0.json["id"] == .string(id) }

      var missing = Set(missed.map { $0.id.uuidString.lowercased() } + [id])
      let events = try await behind.until { event in
        if let id = event.json["id"]?.stringValue { missing.remove(id) }
        return missing.isEmpty
      }
      let versions = events.compactMap { $0.id.flatMap(Int.init) }
      #expect(versions == versions.sorted() && Set(versions).count == versions.count)
      // It is one of the others by now.
      let next = try await JobChangeTests.submit(service, 23)
      _ = try await behind.until { $0.json["id"] == .string(next) }
    }
  }

  /// A probe that trains for long: its loss comes while it does.
  @Test func theRunningProbeTellsItsLoss() async throws {
    try await withService(workers: 1) { service in
      let document = """
        {"dataset": {"name": "gaussian", "dimensions": 20}, "model": {"kind": "mlp", "hidden": [64]}, "seed": 3,
         "training": {"max_steps": 100000000}, "search": {"strategy": "grid", "sizes": [4000], "replicates": 1}}
        """
      let (response, job) = try await service.send(.post, "/v1/jobs", document)
      try #require(response.status == .accepted, "\(job)")
      let id = try #require(job["id"]?.stringValue)
      var reader = try EventReader(try await open(service, "/v1/jobs/\(id)/events"))
      var steps: [Int] = []
      while steps.count < 4, let event = try await reader.next() {
        guard event.name == "training" else { continue }
        let news = event.json
        #expect(event.id == nil && news["job"] == .string(id) && news["samples"] == .integer(4000))
        #expect(news["replicate"] == .integer(0) && news["loss"]?.doubleValue != nil)
        #expect((0...1).contains(news["accuracy"]?.doubleValue ?? -1))
        steps.append(news["steps"]?.integerValue ?? 0)
      }
      #expect(steps.count == 4 && steps == steps.sorted() && Set(steps).count == steps.count)
      _ = try await service.send(.post, "/v1/jobs/\(id)/cancel")
    }
  }
}
