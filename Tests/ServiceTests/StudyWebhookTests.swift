import Capacity
import Foundation
import HTTPServer
import Persistence
import Service
import Testing

/// What is told of ended studies: once for each end, by whichever of its jobs ends last.
@Suite struct StudyWebhookTests {
  private struct Setting {
    let database: Database
    let jobs: JobStore
    let studies: StudyStore
    let store: WebhookStore
    let hook: WebhookRecord

    init(_ database: Database) async throws {
      self.database = database
      jobs = JobStore(database: database, engineRevision: engineRevision)
      studies = StudyStore(jobs: jobs)
      store = WebhookStore(database: database)
      hook = try await store.create(url: "http://a.example/", secret: WebhookSignature.makeSecret())
    }

    func submit(cells: Int) async throws -> (study: UUID, jobs: [UUID]) {
      let submission = StudySubmission(name: "widths", preset: nil, scale: nil, specification: "{}")
      let study = try await studies.submit(submission) { _ in
        (0..<cells).map { _ in JobSubmission(specification: "{}") }
      }
      return (study.id, try await studies.cells(of: study.id).map(\.job.id))
    }

    func succeed(_ job: UUID) async throws {
      _ = try await jobs.advance(id: job) { _ in .succeed(result: #"{"emc": 7}"#, progress: "{}") }
    }

    /// The studies' events, oldest first.
    func told() async throws -> [JSONValue] {
      try await store.deliveries(of: hook.id, after: nil, limit: 10_000)
        .filter { $0.event.hasPrefix("study.") }.reversed().map { try JSONValue(parsing: $0.payload.utf8) }
    }
  }

  @Test func theLastJobsEndIsTheStudys() async throws {
    try await withDatabase { database in
      let setting = try await Setting(database)
      let (study, jobs) = try await setting.submit(cells: 3)
      try await setting.succeed(jobs[0])
      _ = try await setting.jobs.advance(id: jobs[1]) { _ in .fail(error: "broken") }
      #expect(try await setting.told().isEmpty)
      struct Abandoned: Error {}
      _ = try? await database.transaction { session in
        try session.query(
          Statement("end", "UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE state = 'queued'"))
        try session.query(Statement("now", "SET CONSTRAINTS ALL IMMEDIATE"))
        throw Abandoned()
      }
      #expect(try await setting.told().isEmpty)
      try await setting.succeed(jobs[2])
      let event = try #require(try await setting.told().first)
      #expect(event["type"] == .string("study.succeeded"))
      let data = try #require(event["data"])
      #expect(data["id"] == .string(study.uuidString.lowercased()) && data["name"] == .string("widths"))
      #expect(data["cells"] == .integer(3) && data["revision"] == .integer(0))
      let states: JSONValue = .object([
        "succeeded": .integer(2), "failed": .integer(1), "cancelled": .integer(0),
      ])
      #expect(data["states"] == states)
      // The study's event is behind that of its last job, and says what the study itself does.
      let record = try #require(try await setting.studies.study(study))
      #expect(data["state"] == .string(record.state.rawValue))
      let order = try await setting.store.deliveries(of: setting.hook.id, after: nil, limit: 10).map(\.event)
      #expect(order == ["study.succeeded", "job.succeeded", "job.failed", "job.succeeded"])
    }
  }

  @Test func anExtensionThatEndsIsAnotherEnd() async throws {
    try await withDatabase { database in
      let setting = try await Setting(database)
      let (study, jobs) = try await setting.submit(cells: 2)
      for job in jobs { try await setting.succeed(job) }
      #expect(try await setting.told().count == 1)
      for revision in 0..<2 {
        let cells = try await setting.studies.cells(of: study)
        let kept = Dictionary(uniqueKeysWithValues: cells.map { ($0.job.id, $0.cell) })
        _ = try await setting.studies.extend(
          study, revision: revision, specification: "{}", kept: kept,
          added: [(cells.count, nil, JobSubmission(specification: "{}"))])
        #expect(try await setting.told().count == revision + 1)
        let added = try #require(try await setting.studies.cells(of: study).last?.job.id)
        _ = try await setting.jobs.cancel(added)
        // Once more, and a job that is deleted afterwards changes nothing.
        _ = try await setting.jobs.cancel(added)
        #expect(try await setting.told().count == revision + 2)
      }
      _ = try await setting.jobs.delete(jobs[0])
      let told = try await setting.told()
      #expect(told.map { $0["data"]?["revision"] } == [.integer(0), .integer(1), .integer(2)])
      #expect(
        told.map { $0["type"]?.stringValue } == ["study.succeeded", "study.cancelled", "study.cancelled"])
    }
  }

  /// Many that end at once, one after the other and all of a study together: each study once, and nothing waits for another
  /// for ever.
  @Test(.timeLimit(.minutes(5))) func jobsThatEndAtOnceTellOnce() async throws {
    try await withDatabase { database in
      let setting = try await Setting(database)
      var expected: Set<String> = []
      for round in 0..<8 {
        let (study, jobs) = try await setting.submit(cells: 12)
        expected.insert(study.uuidString.lowercased())
        // As many at a time as there are connections.
        var work: [@Sendable () async throws -> Void] = jobs.shuffled().map { job in
          if round.isMultiple(of: 2) { return { try await setting.succeed(job) } }
          return { _ = try await setting.jobs.cancel(job) }
        }
        if round.isMultiple(of: 4) {
          for place in [3, 6, 9] { work.insert({ _ = try await setting.studies.cancel(study) }, at: place) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
          for (index, item) in work.enumerated() {
            if index >= 4 { try await group.next() }
            group.addTask(operation: item)
          }
          try await group.waitForAll()
        }
      }
      let told = try await setting.told().compactMap { $0["data"]?["id"]?.stringValue }
      #expect(told.count == expected.count && Set(told) == expected)
    }
  }

  @Test func aStudyBringsItsOwn() async throws {
    try await withService { service in
      let secret = WebhookSignature.makeSecret()
      func document(_ url: String) -> String {
        #"""
        {"base": {"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"}},
         "axes": [{"pointer": "/seed", "values": [1, 2]}], "webhooks": [{"url": "\#(url)", "secret": "\#(secret)"}]}
        """#
      }
      let (refused, problem) = try await service.send(.post, "/v1/studies", document("http://10.0.0.1/"))
      #expect(refused.status == .unprocessableContent)
      #expect(problem["errors"]?.arrayValue?.map { $0["pointer"] } == [.string("/webhooks/0/url")])
      let (accepted, study) = try await service.send(.post, "/v1/studies", document("http://a.example/"))
      #expect(accepted.status == .accepted, "\(study)")
      let id = try #require(study["id"]?.stringValue)
      let shown = try await service.send(.get, "/v1/studies/\(id)").1.text()
      #expect(!shown.contains("whsec") && !shown.contains("webhooks"))
      let hooks = try await service.send(.get, "/v1/webhooks?study=\(id)").1["items"]?.arrayValue ?? []
      #expect(hooks.map { $0["study_id"] } == [.string(id)] && hooks[0]["job_id"] == .null)
      #expect(try await service.send(.get, "/v1/webhooks").1["items"] == .array([]))
      #expect(try await service.send(.get, "/v1/webhooks?study=\(id)&job=\(id)").0.status == .badRequest)

      // Of the study alone: not of its jobs, and not of other studies.
      let other = try await service.send(
        .post, "/v1/studies",
        #"{"base": {"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"}}, "axes": [{"pointer": "/seed", "values": [3]}]}"#
      ).1["id"]?.stringValue
      for study in [try #require(other), id] {
        #expect(try await service.send(.post, "/v1/studies/\(study)/cancel").0.status == .ok)
      }
      let hook = try #require(hooks[0]["id"]?.stringValue)
      let entries = try await service.send(.get, "/v1/webhooks/\(hook)/deliveries").1["items"]?.arrayValue
      #expect(entries?.map { $0["event"] } == [.string("study.cancelled")])
      #expect(entries?.first?["payload"]?["data"]?["id"] == .string(id))
      #expect(try await service.send(.delete, "/v1/studies/\(id)").0.status == .noContent)
      #expect(try await service.send(.get, "/v1/webhooks/\(hook)/deliveries").0.status == .notFound)
    }
  }
}
