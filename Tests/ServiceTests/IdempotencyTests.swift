import Capacity
import Foundation
import HTTPServer
import Persistence
import Service
import Testing

/// `Idempotency-Key`: sending a submission again is safe.
@Suite struct IdempotencyTests {
  private static let body =
    #"{"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"}}"#

  private func submit(
    _ service: TestService, _ key: String, _ body: String = Self.body
  ) async throws -> (response: HTTPResponse, json: JSONValue) {
    var headers = HTTPHeaders()
    try headers.set(.idempotencyKey, text: key)
    let (response, json) = try await service.send(.post, "/v1/jobs", body, headers: headers)
    return (response, json)
  }

  private func count(_ service: TestService) async throws -> Int {
    try await service.send(.get, "/v1/jobs?limit=200").1["items"]?.arrayValue?.count ?? -1
  }

  @Test func theSameRequestAgainHasTheFirstAnswerAndNoSecondJob() async throws {
    try await withService { service in
      let first = try await submit(service, "one")
      #expect(first.response.status == .accepted)
      let id = try #require(first.json["id"]?.stringValue)
      _ = try await service.send(.post, "/v1/jobs/\(id)/cancel")
      for key in ["one", "\"one\""] {
        let again = try await submit(service, key)
        #expect(again.response.status == .accepted)
        #expect(again.response.headers[.location] == "/v1/jobs/\(id)")
        // The answer as it was, not the job as it is.
        #expect(again.json == first.json)
      }
      #expect(try await count(service) == 1)
      #expect(try await submit(service, "two").json["id"] != first.json["id"])
      #expect(try await count(service) == 2)
    }
  }

  @Test func aKeyBelongsToOneBody() async throws {
    try await withService { service in
      _ = try await submit(service, "one")
      let other = try await submit(service, "one", Self.body.replacing("3", with: "4"))
      #expect(other.response.status == .unprocessableContent)
      #expect(other.json["detail"]?.stringValue?.contains("another body") == true)
      #expect(try await count(service) == 1)
    }
  }

  @Test func aRequestInFlightIsAConflictAndARefusedOneGivesItsKeyBack() async throws {
    try await withService { service in
      let keys = IdempotencyKeys(database: service.database)
      let digest = contentDigest(of: Array(Self.body.utf8))
      guard case .begun = try await keys.begin("POST /v1/jobs one", requestDigest: digest) else {
        Issue.record("the key is free")
        return
      }
      let second = try await submit(service, "one")
      #expect(second.response.status == .conflict && second.response.headers[.retryAfter] == "1")
      // A minute later whoever began it is dead; a day later its answer is forgotten.
      try await age("POST /v1/jobs one", by: "61 seconds", service)
      #expect(try await submit(service, "one").response.status == .accepted)
      try await age("POST /v1/jobs one", by: "23 hours", service)
      #expect(try await count(service) == 1)
      _ = try await submit(service, "one")
      #expect(try await count(service) == 1)
      try await age("POST /v1/jobs one", by: "2 hours", service)
      _ = try await submit(service, "one")
      #expect(try await count(service) == 2)
      // What was refused may be sent again under its key.
      #expect(try await submit(service, "bad", "{").response.status == .badRequest)
      #expect(try await submit(service, "bad").response.status == .accepted)
    }
  }

  private func age(_ key: String, by interval: String, _ service: TestService) async throws {
    try await service.database.withConnection { session in
      _ = try session.query(
        Statement(
          "age", "UPDATE idempotency_keys SET created_at = created_at - $2::interval WHERE key = $1"),
        key, interval)
    }
  }

  @Test func whoLostItsKeyStoresNothing() async throws {
    try await withService { service in
      let keys = IdempotencyKeys(database: service.database)
      guard case .begun(let reservation) = try await keys.begin("k", requestDigest: "d") else {
        Issue.record("the key is free")
        return
      }
      try await age("k", by: "61 seconds", service)
      guard case .begun = try await keys.begin("k", requestDigest: "d") else {
        Issue.record("an old reservation keeps the key")
        return
      }
      let jobs = JobStore(database: service.database, engineRevision: engineRevision)
      await #expect(throws: IdempotencyError.lost) {
        try await jobs.submit(
          JobSubmission(specification: "{}"),
          andThen: { _, session in
            try keys.answer(reservation, with: StoredAnswer(status: 202, location: nil, body: "{}"), session)
          })
      }
      #expect(try await count(service) == 0)
    }
  }

  @Test(arguments: ["", "a b", String(repeating: "x", count: 256), "ä"])
  func whatCannotBeAKeyIsRefused(_ key: String) async throws {
    try await withService { service in
      let (response, problem) = try await submit(service, key)
      #expect(response.status == .badRequest)
      #expect(problem["detail"]?.stringValue?.contains("Idempotency-Key") == true)
      #expect(try await count(service) == 0)
    }
  }

  /// The proxy passes COMMIT on and cuts the connection before its reply: what every client of a database may see.
  @Test func aLostReplyToCommitIsToldAsWhatItIs() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    try await withFolder { folder in
      let proxy = try CommitProxy(before: url, in: folder)
      defer { proxy.stop() }
      try await withService(url: url) { service in
        let database = try Database(url: proxy.url, poolSize: 1, logger: quiet)
        let cut = TestService(
          router: .api(database: database, datasets: service.datasets, logger: quiet), database: database,
          datasets: service.datasets, dataDirectory: service.dataDirectory)
        proxy.cutsNextCommit()
        let lost = try await cut.send(.post, "/v1/jobs", Self.body)
        #expect(lost.0.status == .serviceUnavailable)
        let detail = try #require(lost.1["detail"]?.stringValue)
        #expect(detail.contains("may be there or not") && detail.contains("Idempotency-Key"))
        #expect(!detail.contains("nothing was"))
        _ = try await eventually("the job") { try await count(service) == 1 ? true : nil }
        // With a key the retry is safe.
        _ = try await submit(cut, "warm up")
        let before = try await count(service)
        proxy.cutsNextCommit(after: 1)
        #expect(try await submit(cut, "one").response.status == .serviceUnavailable)
        let again = try await submit(cut, "one")
        #expect(again.response.status == .accepted)
        let jobs = try await count(service)
        #expect(jobs == before + 1)
        await database.close()
      }
    }
  }

  /// The reply to COMMIT doesn't come for so long that it is given up: the job is there all the same.
  @Test func aReplyToCommitThatNeverComesIsToldAsWhatItIs() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    try await withFolder { folder in
      let proxy = try CommitProxy(before: url, in: folder)
      defer { proxy.stop() }
      try await withService(url: url) { service in
        let database = try Database(
          url: proxy.url, poolSize: 1, limits: DatabaseLimits(connection: .seconds(600), statement: nil),
          logger: quiet)
        let silent = TestService(
          router: .api(database: database, datasets: service.datasets, logger: quiet), database: database,
          datasets: service.datasets, dataDirectory: service.dataDirectory)
        proxy.silencesNextCommit()
        let submission = Task { try await silent.send(.post, "/v1/jobs", Self.body) }
        _ = try await eventually("the job") { try await count(service) == 1 ? true : nil }
        database.giveUp()
        let (response, problem) = try await submission.value
        #expect(response.status == .serviceUnavailable && response.headers[.retryAfter] != nil)
        #expect(problem["type"] == .string("urn:emc:problem:outcome-unknown"))
        let detail = try #require(problem["detail"]?.stringValue)
        #expect(detail.contains("may be there or not") && !detail.contains("nothing was"))
        await database.close()
      }
    }
  }
}
