import Capacity
import Foundation
import HTTPServer
import Persistence
import Service
import Testing

/// The stream of a study: how it stands, and everything of its jobs.
@Suite struct StudyEventTests {
  private static func document(_ values: String) -> String {
    #"""
    {"name": "widths", "axes": [{"pointer": "/model/hidden/0", "values": \#(values)}], "base":
     {"dataset": {"name": "gaussian", "dimensions": 6, "classes": 2}, "model": {"kind": "mlp", "hidden": [4]},
      "training": {"max_steps": 300, "batch_size": 16}, "search": {"max_probes": 8, "initial_samples": 16}}}
    """#
  }

  private func submit(_ service: TestService, _ values: String) async throws -> String {
    let (response, study) = try await service.send(.post, "/v1/studies", Self.document(values))
    try #require(response.status == .accepted, "\(study)")
    return try #require(study["id"]?.stringValue)
  }

  private func open(
    _ service: TestService, _ id: String, last: String? = nil
  ) async throws -> HTTPResponse {
    var headers = HTTPHeaders()
    if let last { try headers.set(.lastEventID, text: last) }
    return await service.router.respond(
      to: try HTTPRequest(method: .get, target: "/v1/studies/\(id)/events", headers: headers))
  }

  private func cells(_ service: TestService, _ id: String) async throws -> [String] {
    let study = try await service.send(.get, "/v1/studies/\(id)").1
    return study["cells"]?.arrayValue?.compactMap { $0["job"]?.stringValue } ?? []
  }

  /// Ids of events of a kind.
  private func ids(_ events: [EventReader.Event], _ name: String) -> [String] {
    events.filter { $0.name == name }.compactMap(\.id)
  }

  @Test func aStudysStreamHasEverythingOfItsJobsToItsEnd() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    try await withService(url: url) { service in
      let id = try await submit(service, "[2, 5]")
      let response = try await open(service, id)
      #expect(response.headers[.contentType] == "text/event-stream")
      let other = try await JobChangeTests.submit(service, 11)
      // Another trains, once somebody listens.
      let events = try await withService(workers: 2, url: url) { _ in try await EventReader(response).all() }
      let jobs = try await cells(service, id)
      #expect(jobs.count == 2)

      // How it stands comes first and changes with its cells; nothing is told twice.
      let told = events.filter { $0.name == "study" }
      #expect(events.first?.name == "study" && events.first?.id != nil)
      #expect(
        told.dropFirst().allSatisfy { $0.id == nil } && told.allSatisfy { $0.json["id"] == .string(id) })
      #expect(told.last?.json["state"] == .string("succeeded"))
      let states = told.map { $0.json["progress"]?["states"] }
      #expect(zip(states, states.dropFirst()).allSatisfy { $0 != $1 })
      let shown = try await service.send(.get, "/v1/studies").1["items"]?.arrayValue?.first
      #expect(told.last?.json == shown)

      // Of its jobs and of nothing else, in the order of versions.
      let versions = events.dropFirst().compactMap { $0.id.flatMap(Int.init) }
      #expect(versions == versions.sorted() && Set(versions).count == versions.count)
      let ended = events.filter { $0.name == "job" && $0.json["state"] == .string("succeeded") }
      #expect(Set(ended.compactMap { $0.json["id"]?.stringValue }) == Set(jobs))
      #expect(!events.contains { $0.data.contains(other) })
      for job in jobs {
        let listed = try await service.send(.get, "/v1/jobs/\(job)/probes?limit=200").1["items"]?.arrayValue
        let mine = events.filter { $0.name == "probe" && $0.json["job"] == .string(job) }.map(\.json)
        #expect(mine.count == listed?.count && !mine.isEmpty)
        for probe in listed ?? [] { #expect(mine.contains(probe.merging(.object(["job": .string(job)])))) }
      }

      // Who has seen the end need not come back; who has missed it is told, and misses nothing before.
      let last = try #require(events.last { $0.id != nil }?.id)
      #expect(try await open(service, id, last: last).status == .noContent)
      let half = versions[versions.count / 2]
      let rest = try await EventReader(try await open(service, id, last: String(half))).all()
      #expect(rest.first?.name == "study" && rest.first?.id == nil)
      #expect(rest.first?.json["state"] == .string("succeeded"))
      #expect(ids(rest, "probe") == ids(events, "probe").filter { Int($0) ?? 0 > half })
      #expect(rest.last?.id == last)
      let late = try await EventReader(try await open(service, id)).all()
      #expect(late.map(\.name) == ["study"])
      #expect(try await open(service, id, last: late.first?.id).status == .noContent)
    }
  }

  @Test func whatIsAskedOfAStudyIsTold() async throws {
    try await withService { service in
      let id = try await submit(service, "[2, 5]")
      var reader = try EventReader(try await open(service, id))
      let first = try #require(try await reader.next())
      #expect(first.name == "study" && first.json["progress"]?["states"]?["queued"] == .integer(2))

      // Jobs that come with an extension are the study's too.
      let more = #"{"axes": [{"pointer": "/model/hidden/0", "values": [7]}]}"#
      #expect(try await service.send(.post, "/v1/studies/\(id)/extend", more).0.status == .accepted)
      _ = try await reader.until { $0.name == "study" && $0.json["progress"]?["cells"] == .integer(3) }
      let added = try #require(try await cells(service, id).last)
      _ = try await reader.until { $0.name == "job" && $0.json["id"] == .string(added) }

      let job = try #require(try await cells(service, id).first)
      _ = try await service.send(.post, "/v1/jobs/\(job)/cancel")
      let cancelled = try await reader.until { $0.json["progress"]?["states"]?["cancelled"] == .integer(1) }
      #expect(
        cancelled.last?.name == "study" && cancelled.last?.json["progress"]?["cells_ended"] == .integer(1))
      _ = try await reader.until { $0.name == "job" && $0.json["id"] == .string(job) }

      // A deletion has no version, and is told all the same.
      _ = try await service.send(.delete, "/v1/jobs/\(job)")
      var missing: Set = ["deleted", "study"]
      _ = try await reader.until { event in
        if event.name == "deleted", event.json["id"] == .string(job) { missing.remove("deleted") }
        if event.name == "study", event.json["progress"]?["states"]?["deleted"] == .integer(1) {
          missing.remove("study")
        }
        return missing.isEmpty
      }

      #expect(try await service.send(.post, "/v1/studies/\(id)/cancel").0.status == .ok)
      let rest = try await reader.all()
      #expect(rest.last { $0.name == "study" }?.json["state"] == .string("cancelled"))

      for (target, status) in [
        ("/v1/studies/\(UUID().uuidString)/events", HTTPStatus.notFound), ("/v1/studies/x/events", .notFound),
        ("/v1/studies/\(id)/events?last_event_id=x", .badRequest),
        ("/v1/studies/\(id)/events?colour=1", .badRequest),
      ] {
        let answer = await service.router.respond(to: try HTTPRequest(method: .get, target: target))
        #expect(answer.status == status, "\(target)")
      }
    }
  }
}
