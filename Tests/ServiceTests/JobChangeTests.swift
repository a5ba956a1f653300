import Capacity
import Foundation
import HTTPServer
import Persistence
import Service
import Testing

/// What clients ask of a job: pause, resume, retry, delete, clone; and of many at once.
@Suite struct JobChangeTests {
  static func document(_ seed: Int, _ more: String = "") -> String {
    """
    {"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"}, "training": {"optimizer": {"kind": "sgd"}, "max_steps": 50},
     "search": {"initial_samples": 4, "replicates": 1}, "seed": \(seed)\(more)}
    """
  }

  @discardableResult
  static func submit(_ service: TestService, _ seed: Int, _ more: String = "") async throws -> String {
    let (response, job) = try await service.send(.post, "/v1/jobs", document(seed, more))
    try #require(response.status == .accepted, "\(job)")
    return try #require(job["id"]?.stringValue)
  }

  @Test func aJobIsPausedResumedCancelledAndDeleted() async throws {
    try await withService { service in
      let id = try await Self.submit(service, 1)
      func ask(_ method: HTTPMethod, _ change: String = "") async throws -> (HTTPStatus, JSONValue) {
        let (response, json) = try await service.send(method, "/v1/jobs/\(id)\(change)")
        return (response.status, json)
      }
      let paused = try await ask(.post, "/pause")
      #expect(paused.0 == .ok && paused.1["state"] == .string("paused"))
      let again = try await ask(.post, "/pause")
      #expect(again.0 == .conflict && again.1["state"] == .string("paused"))
      #expect(again.1["type"]?.stringValue == "urn:emc:problem:job-state")
      let live = try await ask(.delete)
      #expect(live.0 == .conflict && live.1["state"] == .string("paused"))
      let resumed = try await ask(.post, "/resume")
      #expect(resumed.0 == .ok && resumed.1["state"] == .string("queued"))
      #expect(try await ask(.post, "/resume").0 == .conflict)
      #expect(try await ask(.post, "/retry").0 == .conflict)
      #expect(try await ask(.post, "/cancel").0 == .ok)
      let ended = try await ask(.post, "/pause")
      #expect(ended.0 == .conflict && ended.1["type"]?.stringValue == "urn:emc:problem:job-ended")
      #expect(try await ask(.delete).0 == .noContent)
      for change in ["", "/probes", "/events"] {
        #expect(try await ask(.get, change).0 == .notFound, "\(change)")
      }
      for change in ["/pause", "/resume", "/retry", "/cancel", "/clone"] {
        #expect(try await ask(.post, change).0 == .notFound, "\(change)")
      }
      #expect(try await ask(.delete).0 == .notFound)
    }
  }

  @Test func aPausedJobGoesOnToTheSameResult() async throws {
    try await withService(workers: 1) { service in
      let first = try await Self.submit(service, 3)
      let reference = try await service.finished(first)
      // The same experiment under another seed is trained afresh; held and taken up again, its own result is that of a run
      // that was never held.
      let held = try await Self.submit(service, 4)
      let pause = try await service.send(.post, "/v1/jobs/\(held)/pause")
      if pause.0.status == .ok {
        #expect(try await service.send(.post, "/v1/jobs/\(held)/resume").0.status == .ok)
      }
      let one = try await service.finished(held)
      let specification = try MeasurementSpecification(json: JSONValue(parsing: Self.document(4).utf8))
      let local = try LocalMeasurement(specification: specification, library: service.datasets, workers: 1)
        .run()
      #expect(
        comparable(one["result"])
          == comparable(try JSONValue(parsing: local.result.json(withProbes: local.probes).text().utf8)))
      #expect(reference["state"] == .string("succeeded"))
    }
  }

  /// What a request without content is to do stands in its address: a filter that was sent as content would be passed over, and
  /// the request be about more than was meant.
  @Test func contentThatNobodyReadsIsRefused() async throws {
    try await withService { service in
      let id = try await Self.submit(service, 8)
      for (method, target) in [
        (HTTPMethod.post, "/v1/jobs/cancel?expected=1"), (.post, "/v1/jobs/delete"),
        (.post, "/v1/jobs/\(id)/pause"),
        (.post, "/v1/jobs/\(id)/resume"), (.post, "/v1/jobs/\(id)/cancel"), (.post, "/v1/jobs/\(id)/retry"),
        (.delete, "/v1/jobs/\(id)"),
      ] {
        for content in ["label=project=none", #"{"label": "project"}"#, "{"] {
          #expect(try await service.send(method, target, content).0.status == .badRequest, "\(target)")
        }
      }
      #expect(try await service.send(.get, "/v1/jobs/\(id)").1["state"] == .string("queued"))
      // As clients send it with every POST.
      #expect(try await service.send(.post, "/v1/jobs/\(id)/cancel", "{}").0.status == .ok)
    }
  }

  /// Nothing of a job that has ended is under way.
  @Test func theProgressOfACancelledJobNamesNothing() async throws {
    try await withService { service in
      let ids = [try await Self.submit(service, 9), try await Self.submit(service, 10)]
      for id in ids {
        _ = try await eventually("the job has asked for probes") {
          let progress = try await service.send(.get, "/v1/jobs/\(id)").1["progress"]
          return progress?["training"]?.arrayValue?.isEmpty == false ? true : nil
        }
      }
      _ = try await service.send(.post, "/v1/jobs/\(ids[0])/cancel")
      _ = try await service.send(.post, "/v1/jobs/cancel?expected=1")
      for id in ids {
        let job = try await service.send(.get, "/v1/jobs/\(id)").1
        #expect(job["state"] == .string("cancelled"))
        #expect(job["progress"]?["training"] == .array([]) && job["progress"]?["current_samples"] == .null)
        #expect(job["progress"]?["seconds_left"] == .null)
      }
    }
  }

  @Test func aJobIsMadeFromAnother() async throws {
    try await withService { service in
      let id = try await Self.submit(
        service, 5, #", "name": "first", "job": {"labels": {"project": "x", "team": "y"}, "priority": 7}"#)
      let patch =
        #"{"seed": 6, "name": null, "training": {"max_steps": 60}, "job": {"labels": {"team": null}}}"#
      let (response, clone) = try await service.send(.post, "/v1/jobs/\(id)/clone", patch)
      #expect(response.status == .accepted)
      #expect(response.headers[.location] == "/v1/jobs/\(clone["id"]?.stringValue ?? "")")
      #expect(clone["source"] == .string(id) && clone["id"] != .string(id) && clone["name"] == .null)
      #expect(clone["labels"] == .object(["project": .string("x")]) && clone["priority"] == .integer(7))
      let original = try await service.send(.get, "/v1/jobs/\(id)").1
      let patched = original["specification"]?.merging(
        try JSONValue(
          parsing:
            #"{"seed": 6, "name": null, "training": {"max_steps": 60, "schedule": {"warmup_steps": 3}}}"#.utf8
        ))
      // The warm-up that nobody asked for is a twentieth of the steps, of the new ones too.
      #expect(clone["specification"] == patched)
      // What it says beyond the defaults, submitted, is the same measurement.
      let (answer, essential) = try await service.send(.get, "/v1/jobs/\(id)/specification")
      #expect(
        answer.status == .ok && essential["search"]?["level"] == nil && essential["seed"] == .integer(5))
      let anew = try await service.send(.post, "/v1/jobs", essential.text()).1
      #expect(anew["specification"] == original["specification"])
      #expect(try await service.send(.get, "/v1/jobs/\(UUID())/specification").0.status == .notFound)
      // Without changes it is the same again.
      let same = try await service.send(.post, "/v1/jobs/\(id)/clone", "").1
      #expect(same["specification"] == original["specification"] && same["labels"] == original["labels"])
      let bad = try await service.send(.post, "/v1/jobs/\(id)/clone", #"{"seed": -1, "colour": 1}"#)
      #expect(bad.0.status == .unprocessableContent)
      #expect(
        Set((bad.1["errors"]?.arrayValue ?? []).compactMap { $0["pointer"]?.stringValue }) == [
          "/seed", "/colour",
        ])
      #expect(try await service.send(.post, "/v1/jobs/\(id)/clone", "[]").0.status == .unprocessableContent)
      // A cancelled one is taken up by a job of its own.
      _ = try await service.send(.post, "/v1/jobs/\(id)/cancel")
      let (retry, retried) = try await service.send(.post, "/v1/jobs/\(id)/retry")
      #expect(retry.status == .accepted && retried["source"] == .string(id))
      #expect(retried["specification"] == original["specification"] && retried["state"] == .string("queued"))
    }
  }

  @Test func manyAreChangedOnlyWhereTheCountIsRight() async throws {
    try await withService { service in
      for seed in 1...4 {
        try await Self.submit(service, seed, #", "job": {"labels": {"project": "\#(seed < 4 ? "a" : "b")"}}"#)
      }
      func change(_ what: String, _ query: String) async throws -> (HTTPStatus, Int?, Int?) {
        let (response, json) = try await service.send(.post, "/v1/jobs/\(what)?label=project%3Da\(query)")
        return (response.status, json["matching"]?.integerValue, json["changed"]?.integerValue)
      }
      func count(_ state: String) async throws -> Int? {
        try await service.send(.get, "/v1/jobs?state=\(state)").1["items"]?.arrayValue?.count
      }
      #expect(try await change("cancel", "") == (.ok, 3, 0))
      #expect(try await change("cancel", "&expected=2") == (.conflict, 3, nil))
      #expect(try await count("queued") == 4)
      #expect(try await change("delete", "&expected=3") == (.conflict, 0, nil))
      #expect(try await change("cancel", "&expected=3") == (.ok, 3, 3))
      #expect(try await count("cancelled") == 3)
      #expect(try await count("queued") == 1)
      #expect(try await change("cancel", "&expected=0") == (.ok, 0, 0))
      #expect(try await change("delete", "&state=failed") == (.ok, 0, 0))
      #expect(try await change("delete", "&state=queued").0 == .badRequest)
      #expect(try await change("delete", "&colour=red").0 == .badRequest)
      #expect(try await change("delete", "&expected=3") == (.ok, 3, 3))
      #expect(try await service.send(.get, "/v1/jobs").1["items"]?.arrayValue?.count == 1)
    }
  }

  @Test func whatEndedLongAgoIsDeleted() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: engineRevision)
      var ids: [UUID] = []
      for _ in 0..<3 { ids.append(try await jobs.submit(JobSubmission(specification: "{}")).id) }
      for id in ids.prefix(2) { _ = try await jobs.cancel(id) }
      #expect(try await jobs.deleteEnded(before: .seconds(3_600)) == 0)
      try await database.withConnection { [ids] session in
        try session.execute(
          script: Statement(
            "age",
            """
            ALTER TABLE jobs DISABLE TRIGGER USER;
            UPDATE jobs SET finished_at = now() - interval '2 hours' WHERE id = '\(ids[0])';
            UPDATE jobs SET created_at = now() - interval '9 days' WHERE id = '\(ids[2])';
            ALTER TABLE jobs ENABLE TRIGGER USER
            """))
      }
      #expect(try await jobs.deleteEnded(before: .seconds(3_600)) == 1)
      #expect(Set(try await jobs.page(limit: 9).records.map(\.id)) == Set(ids.dropFirst()))
    }
  }
}
