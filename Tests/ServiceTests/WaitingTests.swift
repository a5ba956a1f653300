import Capacity
import Foundation
import HTTPServer
import Persistence
import Service
import Testing

/// Whoever polls gets 304 while nothing changes, and whoever waits is answered when something does.
@Suite struct WaitingTests {
  private func get(
    _ service: TestService, _ target: String, tag: String? = nil, prefer: String? = nil
  ) async throws -> (response: HTTPResponse, json: JSONValue) {
    var headers = HTTPHeaders()
    if let tag { try headers.set(.ifNoneMatch, text: tag) }
    if let prefer { try headers.set(.prefer, text: prefer) }
    let answer = try await service.send(.get, target, headers: headers)
    return (answer.0, answer.1)
  }

  /// A job that nothing changes but what is asked of it.
  private func held(_ service: TestService) async throws -> String {
    let id = try await JobChangeTests.submit(service, 1)
    _ = try await service.send(.post, "/v1/jobs/\(id)/pause")
    return id
  }

  @Test func whatIsPolledHasATag() async throws {
    try await withService { service in
      let id = try await held(service)
      let targets = [
        "/v1/jobs", "/v1/jobs/\(id)", "/v1/jobs/\(id)/probes", "/v1/results", "/v1/datasets",
        "/v1/jobs/\(id)/curve",
      ]
      for target in targets {
        let first = try await get(service, target)
        let tag = try #require(first.response.headers[.etag], "\(target)")
        let again = try await get(service, target, tag: tag)
        #expect(again.response.status == .notModified && again.json == .null, "\(target)")
        #expect(again.response.headers[.etag] == tag)
        #expect(try await get(service, target, tag: "\"other\"").response.status == .ok, "\(target)")
      }
      let tag = try #require(try await get(service, "/v1/jobs/\(id)").response.headers[.etag])
      _ = try await service.send(.post, "/v1/jobs/\(id)/cancel")
      // At once: this process has changed it itself.
      let changed = try await get(service, "/v1/jobs/\(id)", tag: tag)
      #expect(changed.response.status == .ok && changed.json["state"] == .string("cancelled"))
      #expect(changed.response.headers[.etag] == "\"v\(changed.json["version"]?.integerValue ?? 0)\"")
    }
  }

  /// A study's tag is of what changes with the study: the time that it may take moves by itself.
  @Test func whoWaitsForAStudyIsAnsweredAtItsEnd() async throws {
    try await withService(workers: 2) { service in
      let document = #"""
        {"axes": [{"pointer": "/seed", "values": [1, 2]}], "base": {"dataset": {"name": "gaussian", "dimensions": 4},
         "model": {"kind": "linear"}, "training": {"max_steps": 200}, "search": {"max_probes": 6, "initial_samples": 8}}}
        """#
      let id = try #require(try await service.send(.post, "/v1/studies", document).1["id"]?.stringValue)
      let ended = try await get(service, "/v1/studies/\(id)?wait=60")
      #expect(ended.response.status == .ok && ended.json["state"] == .string("succeeded"))
      for target in [
        "/v1/studies", "/v1/studies/\(id)", "/v1/studies/\(id)/comparison", "/v1/studies/\(id)/results.csv",
      ] {
        func waiting(_ tag: String?) async throws -> HTTPResponse {
          var headers = HTTPHeaders()
          if let tag { try headers.set(.ifNoneMatch, text: tag) }
          return await service.router.respond(
            to: try HTTPRequest(method: .get, target: "\(target)?wait=1", headers: headers))
        }
        let tag = try #require(try await waiting(nil).headers[.etag], "\(target)")
        #expect(try await waiting(tag).status == .notModified, "\(target)")
        #expect(try await waiting("\"other\"").status == .ok, "\(target)")
      }
      let refused = try await get(service, "/v1/studies/\(id)?wait=never")
      #expect(refused.response.status == .badRequest)
    }
  }

  /// Nothing of a study's jobs changes here, only the clock does: the time left is that of the cells that have a result.
  @Test func aStudysTagDoesNotFollowTheClock() async throws {
    try await withService { service in
      let document = #"""
        {"axes": [{"pointer": "/seed", "values": [1, 2]}], "base": {"dataset": {"name": "gaussian", "dimensions": 4},
         "model": {"kind": "linear"}, "training": {"max_steps": 200}, "search": {"max_probes": 6, "initial_samples": 8}}}
        """#
      let study = try await service.send(.post, "/v1/studies", document).1
      let id = try #require(study["id"]?.stringValue)
      let jobs = JobStore(database: service.database, engineRevision: engineRevision)
      let first = try #require(
        try await service.send(.get, "/v1/studies/\(id)").1["cells"]?.arrayValue?.first)
      let job = try #require((first["job"]?.stringValue).flatMap(UUID.init))
      // One cell is said to have its result, and to have taken ten seconds long ago.
      _ = try await jobs.cancel(job)
      try await service.database.withConnection { session in
        try session.execute(
          script: Statement(
            "end earlier",
            """
            SET session_replication_role = replica;
            UPDATE jobs SET state = 'succeeded', result = '{}', started_at = created_at - interval '1000 seconds',
              finished_at = created_at - interval '990 seconds'
            WHERE finished_at IS NOT NULL;
            """))
      }
      func secondsLeft(_ json: JSONValue) -> Double? { json["progress"]?["seconds_left"]?.doubleValue }
      // Again where the other cell's first round was asked for in between.
      _ = try await eventually("a tag that stays") {
        let before = try await get(service, "/v1/studies/\(id)")
        try await Task.sleep(for: .milliseconds(5))
        let after = try await get(service, "/v1/studies/\(id)")
        #expect(secondsLeft(before.json) == 10 && secondsLeft(after.json) == 10)
        return before.response.headers[.etag] == after.response.headers[.etag] ? true : nil
      }
    }
  }

  /// Where no cell waits the longest of those that are measured says how long the study takes; one that can't say leaves it open.
  @Test func aStudyTakesAsLongAsTheLongestOfItsCells() async throws {
    try await withService { service in
      let document = #"""
        {"axes": [{"pointer": "/seed", "values": [1, 2]}], "base": {"dataset": {"name": "gaussian", "dimensions": 4},
         "model": {"kind": "linear"}}}
        """#
      let study = try await service.send(.post, "/v1/studies", document).1
      let id = try #require(study["id"]?.stringValue)
      for (told, state, expected) in [
        ("NULL", "running", nil), ("10 * cell + 31.6", "running", 42.0),
        // How long one takes that is held nobody knows.
        ("10 * cell + 31.6", "paused", nil),
      ] {
        // Again where a cell's first round was asked for in between, and it said itself that it can't say.
        _ = try await eventually("the time left, \(told), \(state)") {
          try await service.database.withConnection { session in
            try session.execute(
              script: Statement(
                "begin",
                """
                UPDATE jobs SET started_at = created_at,
                  state = (CASE WHEN cell = 0 THEN 'running' ELSE '\(state)' END)::job_state,
                  progress = json_build_object('seconds_left', CASE WHEN cell = 0 THEN 7 ELSE \(told) END)
                FROM study_jobs WHERE job_id = id;
                """))
          }
          let shown = try await get(service, "/v1/studies/\(id)").json
          return shown["state"] == .string("running")
            && shown["progress"]?["seconds_left"]?.doubleValue == expected ? true : nil
        }
      }
    }
  }

  /// Another process's change is seen as soon as it is announced.
  @Test func whatAnotherProcessChangesIsSeen() async throws {
    try await withService { service in
      let id = try await held(service)
      let other = JobStore(database: service.database, engineRevision: engineRevision)
      let uuid = try #require(UUID(uuidString: id))
      for _ in 0..<3 { _ = try await get(service, "/v1/jobs/\(id)") }
      let tag = try #require(try await get(service, "/v1/jobs/\(id)").response.headers[.etag])
      async let waiting = get(service, "/v1/jobs/\(id)?wait=60", tag: tag)
      _ = try await other.resume(uuid)
      let seen = try await waiting
      #expect(seen.response.status == .ok && seen.json["state"] == .string("queued"))
      _ = try await other.cancel(uuid)
      _ = try await other.delete(uuid)
      _ = try await eventually("the deletion") {
        try await get(service, "/v1/jobs/\(id)").response.status == .notFound ? true : nil
      }
    }
  }

  /// The time limit sees that nobody waits for what has been.
  @Test(.timeLimit(.minutes(1))) func whoWaitsIsAnsweredAtTheEndOrWhenTheTimeIsUp() async throws {
    try await withService { service in
      let id = try await held(service)
      let early = try await get(service, "/v1/jobs/\(id)?wait=0")
      #expect(early.json["state"] == .string("paused"))
      let late = try await get(service, "/v1/jobs/\(id)?wait=1", tag: early.response.headers[.etag])
      #expect(late.response.status == .notModified)
      // Without a tag one waits for the end, not for any change.
      async let end = get(service, "/v1/jobs/\(id)", prefer: "wait=60")
      let listed = try await get(service, "/v1/jobs").response.headers[.etag]
      async let list = get(service, "/v1/jobs?wait=60", tag: listed)
      _ = try await service.send(.post, "/v1/jobs/\(id)/resume")
      #expect(try await list.response.status == .ok)
      _ = try await service.send(.post, "/v1/jobs/\(id)/cancel")
      let ended = try await end
      #expect(ended.json["state"] == .string("cancelled"))
      #expect(ended.response.headers[.preferenceApplied] == "wait")
      #expect(try await get(service, "/v1/jobs/\(id)?wait=60").response.status == .ok)
      #expect(try await get(service, "/v1/jobs/\(UUID())?wait=60").response.status == .notFound)
      #expect(try await get(service, "/v1/jobs/\(id)?wait=x").response.status == .badRequest)
    }
  }

  /// Without a listener, whoever waits looks again and again.
  @Test func waitingNeedsNoListener() async throws {
    try await withService { service in
      let router = Router.api(database: service.database, datasets: service.datasets, logger: quiet)
      let alone = TestService(
        router: router, database: service.database, datasets: service.datasets,
        dataDirectory: service.dataDirectory)
      let id = try await JobChangeTests.submit(alone, 1)
      async let end = get(alone, "/v1/jobs/\(id)?wait=60")
      _ = try await alone.send(.post, "/v1/jobs/\(id)/cancel")
      #expect(try await end.json["state"] == .string("cancelled"))
      #expect(try await alone.send(.get, "/v1/events").0.status == .serviceUnavailable)
    }
  }

  /// The time limit sees that it lets go.
  @Test(.timeLimit(.minutes(1))) func aShutdownLetsGoOfWhoWaits() async throws {
    let (waiting, reader) = try await withService { service in
      let id = try await held(service)
      let stream = await service.router.respond(
        to: try HTTPRequest(method: .get, target: "/v1/jobs/\(id)/events"))
      let waiting = Task { try await get(service, "/v1/jobs/\(id)?wait=60") }
      return (waiting, Task { try await EventReader(stream).all() })
    }
    _ = try? await waiting.value
    #expect(try await reader.value.contains { $0.name == "job" })
  }
}
