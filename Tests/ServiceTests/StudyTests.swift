import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence
import Testing

/// The routes of studies.
@Suite struct StudyTests {
  private static let base = #"""
    {"dataset": {"name": "gaussian", "dimensions": 6, "classes": 2}, "model": {"kind": "mlp", "hidden": [4]},
     "training": {"max_steps": 400, "batch_size": 16}, "search": {"max_probes": 12, "initial_samples": 16}}
    """#

  static func study(_ values: String = "[2, 6]") -> String {
    #"""
    {"name": "widths", "base": \#(base), "axes": [{"pointer": "/model/hidden/0", "values": \#(values)}]}
    """#
  }

  /// The comparison of the same study run in this process, without the jobs' ids.
  private static func expected(_ text: String) throws -> JSONValue? {
    let admission = try StudyAdmission(json: JSONValue(parsing: Array(text.utf8)))
    let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
    return withoutJobs(LocalStudy(admission, library: library, workers: 2).run().json()["comparison"])
  }

  static func withoutJobs(_ comparison: JSONValue?) -> JSONValue? {
    guard case .object(var members)? = comparison, let cells = members["cells"]?.arrayValue else {
      return nil
    }
    members["cells"] = .array(cells.map { $0.merging(.object(["job": .null])) })
    return .object(members)
  }

  private static func submitted(_ service: TestService, _ text: String) async throws -> String {
    let (response, study) = try await service.send(.post, "/v1/studies", text)
    #expect(response.status == .accepted)
    let id = try #require(study["id"]?.stringValue)
    #expect(response.headers[.location] == "/v1/studies/\(id)")
    return id
  }

  /// The lines of the table of its results.
  private static func rows(_ service: TestService, _ id: String) async throws -> [Substring] {
    let request = try HTTPRequest(method: .get, target: "/v1/studies/\(id)/results.csv")
    guard case .bytes(let bytes) = await service.router.respond(to: request).body else {
      throw TimedOut(what: "a table")
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
  }

  private static func ended(_ service: TestService, _ id: String) async throws -> JSONValue {
    try await eventually("the study's end", within: .seconds(120)) {
      let study = try await service.send(.get, "/v1/studies/\(id)").1
      let state = study["state"]?.stringValue
      return state == "succeeded" || state == "failed" || state == "cancelled" ? study : nil
    }
  }

  @Test func aStudyIsJobsWithTheComparisonThatTheCommandMakes() async throws {
    let text = Self.study()
    let expected = try Self.expected(text)
    try await withService(workers: 2) { service in
      let id = try await Self.submitted(service, text)
      let study = try await Self.ended(service, id)
      #expect(study["state"] == .string("succeeded"))
      #expect(study["progress"]?["cells_ended"] == .integer(2))
      let cells = try #require(study["cells"]?.arrayValue)
      #expect(cells.map { $0["label"] } == [.string("2"), .string("6")])
      #expect(cells.map { $0["values"]?["/model/hidden/0"] } == [.integer(2), .integer(6)])
      let comparison = try await service.send(.get, "/v1/studies/\(id)/comparison").1
      #expect(Self.withoutJobs(comparison)?.text() == expected?.text())
      #expect(study["comparison"] == comparison)
      // An ordinary job, found by the study's id.
      let job = try #require(cells[0]["job"]?.stringValue)
      let found = try await service.send(.get, "/v1/jobs/\(job)").1
      #expect(found["name"] == .string("widths: 2"))
      let labelled = try await service.database.query(
        Statement("labelled", "SELECT count(*) AS count FROM jobs WHERE labels ->> 'study' = $1"), id
      ) { try $0.value("count", as: Int.self) }
      #expect(labelled == [2])
      let probes = study["cost"]?["probes"]
      #expect(probes?["asked"]?.integerValue == probes?["trained"]?.integerValue)
      let lines = try await Self.rows(service, id)
      #expect(lines.count == 3 && lines[0].hasPrefix("cell,id,name,state,emc,interval.lower"))
      #expect(lines[0].contains(",specification.model.hidden"))
      let list = try await service.send(.get, "/v1/studies").1
      #expect(list["items"]?.arrayValue?.map { $0["id"] } == [.string(id)])
    }
  }

  @Test func studiesThatOverlapTrainTheOverlapOnce() async throws {
    try await withService(workers: 2) { service in
      let first = try await Self.submitted(service, Self.study("[2, 6]"))
      let before = try #require(
        try await Self.ended(service, first)["cost"]?["probes"]?["trained"]?.integerValue)
      let second = try await Self.submitted(service, Self.study("[6, 8]"))
      _ = try await Self.ended(service, second)
      let count = try await service.database.query(
        Statement("count", "SELECT count(*) AS count, sum(attempt)::bigint AS attempts FROM probes")
      ) { row in (try row.value("count", as: Int.self), try row.value("attempts", as: Int.self)) }[0]
      let cost = try await service.send(.get, "/v1/studies/\(second)").1["cost"]?["probes"]
      // Width 6 is in both: known to the second, and each probe was trained once.
      #expect((cost?["known"]?.integerValue ?? 0) > 0)
      #expect(count.0 == before + (cost?["trained"]?.integerValue ?? 0) && count.1 == count.0)
    }
  }

  /// Of two that run at the same time a probe that both ask for is the earlier one's.
  @Test func ofStudiesThatRunTogetherEachProbeCountsForOne() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    try await withService(url: url) { service in
      let first = try await Self.submitted(service, Self.study("[2, 6]"))
      let second = try await Self.submitted(service, Self.study("[6, 8]"))
      let costs = try await withService(workers: 2, url: url) { _ in
        let both = try await [Self.ended(service, first), Self.ended(service, second)]
        return both.map { $0["cost"]?["probes"] }
      }
      let distinct = try await service.database.query(
        Statement("count", "SELECT count(*) AS count FROM probes WHERE state = 'finished'")
      ) { try $0.value("count", as: Int.self) }[0]
      #expect(costs.reduce(0) { $0 + ($1?["trained"]?.integerValue ?? 0) } == distinct)
      #expect((costs[1]?["known"]?.integerValue ?? 0) > 0 && costs[0]?["known"] == .integer(0))
    }
  }

  @Test func aStudyIsExtendedByWhatIsMissing() async throws {
    try await withService(workers: 2) { service in
      let id = try await Self.submitted(service, Self.study("[2, 6]"))
      let before = try await Self.ended(service, id)
      let (response, _) = try await service.send(
        .post, "/v1/studies/\(id)/extend", #"{"axes": [{"pointer": "/model/hidden/0", "values": [8]}]}"#)
      #expect(response.status == .accepted)
      let after = try await Self.ended(service, id)
      let jobs = after["cells"]?.arrayValue?.map { $0["job"] } ?? []
      #expect(jobs.count == 3 && Array(jobs.prefix(2)) == before["cells"]?.arrayValue?.map { $0["job"] })
      let comparison = try await service.send(.get, "/v1/studies/\(id)/comparison").1
      #expect(Self.withoutJobs(comparison)?.text() == (try Self.expected(Self.study("[2, 6, 8]")))?.text())
      // A search that asks for more has jobs of its own, which begin with the probes that are there.
      let wider = #"{"search": {"max_probes": 16}}"#
      #expect(try await service.send(.post, "/v1/studies/\(id)/extend", wider).0.status == .accepted)
      let third = try await Self.ended(service, id)
      #expect(Set(third["cells"]?.arrayValue?.compactMap { $0["job"]?.stringValue } ?? []).count == 3)
      #expect(third["cells"]?.arrayValue?.map { $0["job"] } != jobs)
      let faulty = [
        ("{}", ""), (#"{"axes": [{"pointer": "/seed", "values": [3]}]}"#, "/axes/0/pointer"),
        (#"{"axes": [{"pointer": "/model/hidden/0", "values": [8]}]}"#, "/axes/0/values/0"),
        (#"{"search": {"max_probes": 0}}"#, "/search/max_probes"),
      ]
      for (body, pointer) in faulty {
        let (refused, problem) = try await service.send(.post, "/v1/studies/\(id)/extend", body)
        #expect(refused.status == .unprocessableContent)
        #expect(problem["errors"]?.arrayValue?.first?["pointer"] == .string(pointer))
      }
    }
  }

  @Test func contentThatNobodyReadsIsRefused() async throws {
    try await withService { service in
      let id = try await Self.submitted(service, Self.study("[2, 6]"))
      for (method, target) in [
        (HTTPMethod.post, "/pause"), (.post, "/resume"), (.post, "/cancel"), (.delete, ""),
      ] {
        let answer = try await service.send(method, "/v1/studies/\(id)\(target)", #"{"cells": [1]}"#).0
        #expect(answer.status == .badRequest, "\(target)")
      }
      let study = try await service.send(.get, "/v1/studies/\(id)").1
      #expect(study["state"] == .string("queued") && study["comparison"] == .null)
    }
  }

  @Test func whatWasTrainedBeforeIsKnown() async throws {
    try await withService(workers: 2) { service in
      func cost(_ id: String) async throws -> [String: Double] {
        let cost = try await Self.ended(service, id)["cost"]
        var counts = ["asked", "trained", "shared", "known"].reduce(into: [String: Double]()) {
          $0[$1] = cost?["probes"]?[$1]?.doubleValue
        }
        counts["seconds"] = cost?["training_seconds"]?.doubleValue
        counts["steps"] = cost?["steps"]?.doubleValue
        return counts
      }
      let first = try await cost(Self.submitted(service, Self.study("[2, 6]")))
      #expect(first["known"] == 0 && first["asked"] == first["trained"])
      #expect((first["seconds"] ?? 0) > 0 && (first["steps"] ?? 0) > 0)
      let id = try await Self.submitted(service, Self.study("[2, 6]"))
      let second = try await cost(id)
      let asked = first["asked"]
      #expect(
        second == ["asked": asked, "trained": 0, "shared": 0, "known": asked, "seconds": 0, "steps": 0])
      // What an extension adds is trained for the study; what its own jobs trained before stays trained.
      let more = #"{"axes": [{"pointer": "/model/hidden/0", "values": [8]}]}"#
      #expect(try await service.send(.post, "/v1/studies/\(id)/extend", more).0.status == .accepted)
      let extended = try await cost(id)
      #expect(extended["known"] == asked && (extended["trained"] ?? 0) > 0)
      #expect(extended["asked"] == (asked ?? 0) + (extended["trained"] ?? 0))
      let wider = #"{"search": {"max_probes": 16}}"#
      #expect(try await service.send(.post, "/v1/studies/\(id)/extend", wider).0.status == .accepted)
      let third = try await cost(id)
      #expect((third["trained"] ?? 0) >= (extended["trained"] ?? 1))
    }
  }

  @Test func aCellWhoseJobWasDeletedIsToldToBeMissing() async throws {
    try await withService(workers: 2) { service in
      let id = try await Self.submitted(service, Self.study("[2, 6]"))
      let cells = try await Self.ended(service, id)["cells"]?.arrayValue
      _ = try await service.send(.get, "/v1/studies/\(id)/comparison")
      let job = try #require(cells?[0]["job"]?.stringValue)
      #expect(try await service.send(.delete, "/v1/jobs/\(job)").0.status == .noContent)
      let study = try await service.send(.get, "/v1/studies/\(id)").1
      #expect(study["state"] == .string("succeeded"))
      #expect(study["progress"]?["cells"] == .integer(2) && study["progress"]?["cells_ended"] == .integer(2))
      #expect(study["progress"]?["states"]?["deleted"] == .integer(1))
      #expect(study["cells"]?.arrayValue?.map { $0["label"] } == [.string("2"), .string("6")])
      #expect(study["cells"]?.arrayValue?.map { $0["state"] } == [.string("deleted"), .string("succeeded")])
      #expect(study["cells"]?.arrayValue?[0]["job"] == .null)
      let comparison = try await service.send(.get, "/v1/studies/\(id)/comparison").1
      #expect(
        comparison["cells"]?.arrayValue?.map { $0["missing"] } == [.string("its job was deleted"), .null])
      #expect(comparison["verdict"]?.stringValue?.contains("2 is missing (its job was deleted)") == true)
      let lines = try await Self.rows(service, id)
      #expect(lines.count == 3 && lines[1].hasPrefix("2,,,deleted,"))
    }
  }

  @Test func everyMemberThatTheRouteTakesIsListed() async throws {
    try await withService { service in
      let (refused, problem) = try await service.send(
        .post, "/v1/studies", Self.study().replacing("{\"name\"", with: "{\"colour\": 1, \"name\""))
      #expect(refused.status == .unprocessableContent)
      let fault = problem["errors"]?.arrayValue?.first
      #expect(fault?["pointer"] == .string("/colour"))
      for member in [
        "base", "axes", "combine", "tune", "compare", "name", "preset", "scale", "seed", "overrides",
      ]
        + ["webhooks"]
      {
        #expect(fault?["allowed"]?.stringValue?.contains(member) == true, "\(member)")
      }
    }
  }

  @Test func aStudyIsPausedResumedCancelledAndDeleted() async throws {
    try await withService { service in
      let id = try await Self.submitted(service, Self.study())
      let states = [("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")]
      for (verb, state) in states {
        let (response, study) = try await service.send(.post, "/v1/studies/\(id)/\(verb)")
        #expect(response.status == .ok && study["state"] == .string(state), "\(verb)")
        if verb == "resume" {
          #expect(try await service.send(.delete, "/v1/studies/\(id)").0.status == .conflict)
        }
      }
      let (refused, problem) = try await service.send(.post, "/v1/studies/\(id)/cancel")
      #expect(refused.status == .conflict && problem["type"] == .string("urn:emc:problem:study-state"))
      let comparison = try await service.send(.get, "/v1/studies/\(id)/comparison").1
      #expect(
        comparison["cells"]?.arrayValue?.map { $0["missing"] }
          == [.string("no probe has ended"), .string("no probe has ended")])
      #expect(try await service.send(.delete, "/v1/studies/\(id)").0.status == .noContent)
      #expect(try await service.send(.get, "/v1/studies/\(id)").0.status == .notFound)
      #expect(try await service.send(.get, "/v1/jobs").1["items"] == .array([]))
    }
  }

  /// Jobs whose search the study no longer has are no cell's: they end, and go with it. What is held stays held.
  @Test func whatAnExtensionReplacesIsCancelled() async throws {
    try await withService { service in
      let id = try await Self.submitted(service, Self.study())
      let before = try await service.send(.get, "/v1/studies/\(id)").1["cells"]?.arrayValue?.compactMap {
        $0["job"]?.stringValue
      }
      #expect(try await service.send(.post, "/v1/studies/\(id)/pause").0.status == .ok)
      let wider = #"{"search": {"max_probes": 16}}"#
      let tried = try await service.send(.post, "/v1/studies/\(id)/extend?dry_run=true", wider)
      #expect(tried.0.status == .ok && tried.1["cell_count"] == .integer(2))
      #expect((tried.1["probes"]?["median"]?.integerValue ?? 0) > 24 / 2)
      let headers: HTTPHeaders = ["Idempotency-Key": "k1"]
      for _ in 0..<2 {
        let (response, study) = try await service.send(
          .post, "/v1/studies/\(id)/extend", wider, headers: headers)
        #expect(response.status == .accepted && study["state"] == .string("paused"))
      }
      for job in try #require(before) {
        #expect(try await service.send(.get, "/v1/jobs/\(job)").1["state"] == .string("cancelled"))
      }
      let now = try await service.send(.get, "/v1/studies/\(id)").1
      #expect(now["state"] == .string("paused") && now["progress"]?["states"]?["paused"] == .integer(2))
      // A cell that was cancelled is taken up again by the next extension.
      #expect(try await service.send(.post, "/v1/studies/\(id)/cancel").0.status == .ok)
      let more = #"{"axes": [{"pointer": "/model/hidden/0", "values": [8]}]}"#
      let again = try await service.send(.post, "/v1/studies/\(id)/extend", more)
      #expect(again.1["progress"]?["states"]?["queued"] == .integer(3))
      #expect(try await service.send(.post, "/v1/studies/\(id)/cancel").0.status == .ok)
      #expect(try await service.send(.delete, "/v1/studies/\(id)").0.status == .noContent)
      #expect(try await service.send(.get, "/v1/jobs").1["items"] == .array([]))
    }
  }

  /// A cell that was cancelled has one reading, wherever it is asked for, and keeps it whatever others train.
  @Test func whatIsKnownOfACancelledCellStaysWhatItWas() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    @Sendable func readings(_ id: String, _ service: TestService) async throws -> [[JSONValue?]] {
      let cells = try await service.send(.get, "/v1/studies/\(id)").1["cells"]?.arrayValue ?? []
      let compared =
        try await service.send(.get, "/v1/studies/\(id)/comparison").1["cells"]?.arrayValue ?? []
      let rows = try await Self.rows(service, id).map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      let columns = try ["emc", "interval.lower", "interval.upper"].map { name in
        try #require(rows[0].firstIndex { $0 == name })
      }
      for (index, cell) in cells.enumerated() {
        #expect(cell["emc"] == compared[index]["emc"] && cell["interval"] == compared[index]["interval"])
        #expect(cell["emc"]?.text() == String(rows[index + 1][columns[0]]))
      }
      return compared.map { [$0["emc"], $0["interval"]] }
    }
    let text = Self.study().replacingOccurrences(
      of: #""max_probes": 12"#, with: #""max_probes": 60, "relative_width": 0.01"#)
    let (id, before) = try await withService(workers: 2, url: url) { service in
      let id = try await Self.submitted(service, text)
      _ = try await eventually("probes of both cells", within: .seconds(120)) {
        let cells = try await service.send(.get, "/v1/studies/\(id)").1["cells"]?.arrayValue ?? []
        return cells.allSatisfy { ($0["probes_finished"]?.integerValue ?? 0) >= 8 } ? true : nil
      }
      #expect(try await service.send(.post, "/v1/studies/\(id)/cancel").0.status == .ok)
      let before = try await readings(id, service)
      // Another asks for the same, and has it trained to its end.
      let again = try await Self.submitted(service, text)
      _ = try await Self.ended(service, again)
      let after = try await readings(id, service)
      #expect(after == before)
      return (id, before)
    }
    // A process that has compared nothing yet says the same.
    try await withService(url: url) { service in
      let after = try await readings(id, service)
      #expect(after == before)
    }
  }

  /// A job of a version whose documents aren't read any more takes the comparison away, not the study.
  @Test func aStudyIsShownWhoseJobsCannotBeRead() async throws {
    try await withService { service in
      let id = try await Self.submitted(service, Self.study())
      #expect(try await service.send(.post, "/v1/studies/\(id)/cancel").0.status == .ok)
      try await service.database.transaction { session in
        try session.execute(
          script: Statement(
            "age the jobs",
            """
            ALTER TABLE jobs DISABLE TRIGGER USER;
            UPDATE jobs SET specification = '{"model": 7}';
            ALTER TABLE jobs ENABLE TRIGGER USER;
            """))
      }
      let (response, study) = try await service.send(.get, "/v1/studies/\(id)")
      #expect(response.status == .ok && study["state"] == .string("cancelled"))
      #expect(study["comparison"] == .null)
    }
  }

  /// What is done for each job must not count all of the study's: in one statement that may take only so long. Nor is what all
  /// pairs tell shown to whoever asks how the study stands.
  @Test func theLargestStudyIsCancelledAtOnce() async throws {
    try await withService { service in
      let count = StudySpecification.cellLimit
      let id = try await Self.submitted(
        service,
        Self.study().replacing("/model/hidden/0", with: "/seed").replacing(
          "[2, 6]", with: "\(Array(1...count))"))
      struct RolledBack: Error { let read: Int }
      do {
        try await service.database.transaction { session in
          try session.execute(
            script: Statement(
              "end all",
              """
              UPDATE jobs SET state = 'cancelled', finished_at = now();
              SET CONSTRAINTS ALL IMMEDIATE;
              """))
          let rows = try session.query(
            Statement(
              "count what was read",
              "SELECT (seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint AS read FROM pg_stat_xact_user_tables WHERE relname = 'jobs'"
            ))
          throw RolledBack(read: try rows[0].value("read"))
        }
      } catch let end as RolledBack {
        #expect((count...50 * count).contains(end.read), "\(end.read)")
      }
      let (response, study) = try await service.send(.post, "/v1/studies/\(id)/cancel")
      #expect(response.status == .ok && study["state"] == .string("cancelled"))
      let ends = try await service.database.query(
        Statement("ends", "SELECT count(*) AS count FROM study_ends WHERE study_id = $1::uuid"),
        UUID(uuidString: id)
      ) { try $0.value("count", as: Int.self) }
      #expect(ends == [1])
      #expect(try await service.send(.get, "/v1/studies/\(id)").1["comparison"] == .null)
    }
  }

  @Test func aDryRunAndARefusedStudyStoreNothing() async throws {
    try await withService { service in
      let (response, cells) = try await service.send(.post, "/v1/studies?dry_run=true", Self.study())
      #expect(response.status == .ok && cells["cell_count"] == .integer(2))
      // Two searches of at most 12 probes.
      #expect((4...24).contains(cells["probes"]?["median"]?.integerValue ?? 0))
      #expect((cells["flops"]?.doubleValue ?? 0) > 0 && (cells["seconds"]?.doubleValue ?? 0) > 0)
      let (refused, problem) = try await service.send(.post, "/v1/studies", Self.study(#"[2, "six"]"#))
      #expect(refused.status == .unprocessableContent)
      #expect(problem["errors"]?.arrayValue?.map { $0["pointer"] } == [.string("/axes/0/values/1")])
      // The label under which its jobs have the study's id is no client's own.
      let labelled = Self.study().replacing(
        #""search":"#, with: #""job": {"labels": {"study": "mine"}}, "search":"#)
      let (own, fault) = try await service.send(.post, "/v1/studies", labelled)
      #expect(own.status == .unprocessableContent)
      #expect(fault["errors"]?.arrayValue?.map { $0["pointer"] } == [.string("/base/job/labels/study")])
      #expect(try await service.send(.get, "/v1/studies").1["items"] == .array([]))
      #expect(try await service.send(.get, "/v1/jobs").1["items"] == .array([]))
      let presets = try await service.send(.get, "/v1/presets").1["items"]?.arrayValue ?? []
      #expect(presets.count == 15 && presets.allSatisfy { $0["question"]?.stringValue?.isEmpty == false })
    }
  }

  @Test func theSameKeyHasTheSameAnswerAndMakesNoSecondStudy() async throws {
    try await withService { service in
      let headers: HTTPHeaders = ["Idempotency-Key": "k1"]
      let first = try await service.send(.post, "/v1/studies", Self.study(), headers: headers)
      let second = try await service.send(.post, "/v1/studies", Self.study(), headers: headers)
      #expect(second.0.status == .accepted && second.1["id"] == first.1["id"])
      #expect(try await service.send(.get, "/v1/studies").1["items"]?.arrayValue?.count == 1)
    }
  }

  /// What failed or was cancelled is taken up as it was; a study that has all its readings has nothing to take up.
  @Test func cellsThatWereCancelledAreTakenUpAgain() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    // Nobody trains anything yet.
    let id = try await withService(workers: 0, url: url) { service in
      let id = try await Self.submitted(service, Self.study())
      #expect(try await service.send(.post, "/v1/studies/\(id)/cancel").0.status == .ok)
      #expect(try await Self.ended(service, id)["state"] == .string("cancelled"))
      let (response, study) = try await service.send(.post, "/v1/studies/\(id)/extend", "{}")
      #expect(response.status == .accepted && study["id"] == .string(id))
      return id
    }
    try await withService(workers: 1, url: url) { service in
      let ended = try await Self.ended(service, id)
      #expect(ended["state"] == .string("succeeded"))
      #expect(Self.withoutJobs(ended["comparison"]) == (try Self.expected(Self.study())))
      let (again, problem) = try await service.send(.post, "/v1/studies/\(id)/extend", "{}")
      #expect(again.status == .unprocessableContent)
      let detail = problem["errors"]?.arrayValue?.first?["detail"]?.stringValue
      #expect(detail?.contains("adds nothing to the study") == true)
    }
  }
}
