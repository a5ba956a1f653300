import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence
import Service
import Testing

private let small = """
  {"dataset": {"name": "gaussian", "dimensions": 10}, "model": {"kind": "linear"},
   "training": {"max_steps": 400}, "search": {"initial_samples": 8, "replicates": 3}, "seed": 7}
  """

/// One whose networks are tested after the search.
private let tested = small.replacingOccurrences(
  of: #""seed": 7"#, with: #""seed": 7, "generalization": {"samples": 20, "networks": 2, "test_samples": 50}"#
)

/// A result without what may differ between two runs.
func comparable(_ result: JSONValue?) -> JSONValue? {
  guard case .object(var members)? = result else { return nil }
  members["probes"] = .array(
    (members["probes"]?.arrayValue ?? []).map { probe in
      guard case .object(var fields) = probe else { return probe }
      fields["seconds"] = nil
      return .object(fields)
    })
  return .object(members)
}

@Suite struct JobTests {
  @Test(arguments: [small, tested]) func aJobGivesWhatTheCommandLineGives(_ text: String) async throws {
    let specification = try MeasurementSpecification(json: JSONValue(parsing: text.utf8))
    let job = try await withService(workers: 2) { service in
      let (response, job) = try await service.send(.post, "/v1/jobs", text)
      #expect(response.status == .accepted)
      let id = try #require(job["id"]?.stringValue)
      #expect(response.headers[.location] == "/v1/jobs/\(id)")
      #expect(job["specification"]?.text() == specification.json.text())
      return try await service.finished(id)
    }
    #expect(job["state"] == .string("succeeded"))
    for time in ["created_at", "started_at", "finished_at"] {
      // RFC 3339 in UTC, to the millisecond.
      #expect(
        job[time]?.stringValue?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }
    let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
    let local = try LocalMeasurement(specification: specification, library: library, workers: 1).run()
    let result = try #require(comparable(job["result"]))
    #expect(
      result == comparable(try JSONValue(parsing: local.result.json(withProbes: local.probes).text().utf8)))
    let probes = try #require(result["probes"]?.arrayValue?.count)
    #expect(probes > 6)
    // The progress of a job that has ended is that of its end.
    #expect(job["progress"]?["probes_finished"]?.integerValue == probes)
  }

  /// What the database tells of a probe by its replicate is what a measurement means by it.
  @Test func replicatesMeanTheSameEverywhere() {
    #expect(Replicates.ofRaces.lowerBound == Race.firstReplicate)
    #expect(Replicates.ofTested == Replicates.ofRaces.upperBound)
    #expect(Capacity.ProbeKind(trainingOf: Replicates.ofTested - 1) == .training)
    #expect(Capacity.ProbeKind(trainingOf: Replicates.ofTested) == .generalization)
  }

  /// While a round is under way, progress names the probes of it that have not ended, whichever process asked for them.
  @Test func progressNamesWhatIsUnderWay() async throws {
    try await withAdvancer(
      """
      {"dataset": {"name": "gaussian", "dimensions": 10}, "model": {"kind": "linear"}, "training": {"max_steps": 400},
       "search": {"strategy": "grid", "sizes": [8, 12], "replicates": 2}}
      """
    ) { one in
      func underWay() async throws -> [String] {
        let progress = try await one.jobs.job(one.id)?.progress.map { try JSONValue(parsing: $0.utf8) }
        let probes = progress?["training"]?.arrayValue ?? []
        #expect(progress?["current_samples"] == probes.first?["samples"])
        return probes.map { "\($0["samples"]!.text()) \($0["replicate"]!.text())" }
      }
      let first = one.advancer()
      await first.advance(one.id)
      #expect(try await underWay() == ["8 0", "8 1", "12 0", "12 1"])
      for (left, advancer) in [(3, first), (2, one.advancer())] {
        let claimed = try #require(try await one.claim())
        let probe = try ProbeSpecification(json: JSONValue(parsing: claimed.specification.utf8))
        let ended = ProbeMeasurement(outcome: .fit, steps: 9, seconds: 1, kernels: "k", report: "{}")
        _ = try await one.queue.finish([(claimed.fence, ended)])
        await advancer.advance(one.id)
        let names = try await underWay()
        #expect(names.count == left)
        #expect(!names.contains("\(probe.address.samples) \(probe.address.replicate)"))
      }
    }
  }

  @Test func twoJobsThatAskForTheSameProbesShareThem() async throws {
    try await withService(workers: 2) { service in
      let first = try await service.send(.post, "/v1/jobs", small).1
      let one = try await service.finished(try #require(first["id"]?.stringValue))
      let second = try await service.send(.post, "/v1/jobs", small).1
      let two = try await service.finished(try #require(second["id"]?.stringValue))
      // Not even the times differ: nothing was trained again.
      #expect(one["result"] == two["result"])
      let probes = try await service.send(
        .get, "/v1/jobs/\(second["id"]?.stringValue ?? "")/probes?limit=200"
      ).1
      #expect(probes["items"]?.arrayValue?.count == two["result"]?["probes"]?.arrayValue?.count)
    }
  }

  @Test func aCancelledJobStaysCancelledAndCancellingAgainIsAConflict() async throws {
    try await withService { service in
      let id = try #require(try await service.send(.post, "/v1/jobs", small).1["id"]?.stringValue)
      let (response, job) = try await service.send(.post, "/v1/jobs/\(id)/cancel")
      #expect(response.status == .ok)
      #expect(job["state"] == .string("cancelled"))
      let (again, problem) = try await service.send(.post, "/v1/jobs/\(id)/cancel")
      #expect(again.status == .conflict)
      #expect(problem["detail"]?.stringValue?.contains("cancelled") == true)
    }
  }

  @Test func listsArePagedNewestFirst() async throws {
    try await withService { service in
      var ids: [String] = []
      for seed in 1...5 {
        let body = small.replacing("\"seed\": 7", with: "\"seed\": \(seed)")
        ids.append(try #require(try await service.send(.post, "/v1/jobs", body).1["id"]?.stringValue))
      }
      var seen: [String] = []
      var target: String? = "/v1/jobs?limit=2"
      while let page = target {
        let (response, list) = try await service.send(.get, page)
        #expect(response.status == .ok)
        seen += (list["items"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
        target = list["next"]?.stringValue.map { "/v1/jobs?limit=2&cursor=\($0)" }
        #expect((response.headers[.link] != nil) == (target != nil))
      }
      #expect(seen == ids.reversed())
      let cancelled = try await service.send(.get, "/v1/jobs?state=cancelled").1
      #expect(cancelled["items"] == .array([]))
    }
  }

  @Test(arguments: [
    ("/v1/jobs?limit=0", HTTPStatus.badRequest), ("/v1/jobs?limit=x", .badRequest),
    ("/v1/jobs?state=done", .badRequest), ("/v1/jobs?colour=red", .badRequest),
    ("/v1/jobs?state=%0d%0a&state=queued&limit=1", .badRequest), ("/v1/jobs?limit=%2B5", .badRequest),
    ("/v1/jobs?limit=+5", .badRequest), ("/v1/jobs?limit=5&limit=6", .badRequest),
    ("/v1/jobs?limit=%D9%A5", .badRequest), ("/v1/jobs?limit=99999999999999999999", .badRequest),
    ("/v1/jobs?cursor=-1", .badRequest), ("/v1/jobs?cursor=%2B1", .badRequest),
    ("/v1/jobs?cursor=1%3E;%20rel=next,%3Chttp://evil", .badRequest),
    ("/v1/jobs?state=queued&state=queued", .badRequest),
    ("/v1/jobs/nothing", .notFound),
    ("/v1/jobs/00000000-0000-0000-0000-000000000000", .notFound), ("/v2/jobs", .notFound),
  ])
  func badRequestsGetAProblemDocument(_ target: String, _ status: HTTPStatus) async throws {
    try await withService { service in
      let (response, problem) = try await service.send(.get, target)
      #expect(response.status == status)
      #expect(response.headers[.contentType] == "application/problem+json")
      #expect(problem["status"]?.integerValue == status.code)
    }
  }

  @Test func everyFaultOfASpecificationIsListed() async throws {
    try await withService { service in
      let (response, problem) = try await service.send(
        .post, "/v1/jobs",
        """
        {"dataset": {"name": "mnist"}, "model": {"kind": "mlp", "hidden": [-1]}, "colour": 1,
         "training": {"max_steps": "many"}, "search": {"relative_tolerance": 2}}
        """)
      #expect(response.status == .unprocessableContent)
      let pointers = (problem["errors"]?.arrayValue ?? []).compactMap { $0["pointer"]?.stringValue }
      #expect(
        Set(pointers) == ["/model/hidden/0", "/colour", "/training/max_steps", "/search/relative_tolerance"])
      #expect(try await service.send(.get, "/v1/jobs").1["items"] == .array([]))
      let (malformed, _) = try await service.send(.post, "/v1/jobs", "{\"dataset\": ")
      #expect(malformed.status == .badRequest)
    }
  }

  /// Reports are for people: one that can't be read keeps nobody waiting. A column that can't be read does,
  /// and says so.
  @Test func whatCannotBeReadIsSaid() async throws {
    try await withAdvancer(small) { one in
      let advancer = one.advancer()
      await advancer.advance(one.id)
      @Sendable func finishRound(_ outcome: String, report: String) async throws -> Int {
        var count = 0
        while let claim = try await one.claim() {
          count += 1
          try await one.database.withConnection { session in
            _ = try session.query(
              Statement(
                "finish",
                """
                UPDATE probes SET state = 'finished', outcome = $2::text::probe_outcome, report = $3, steps = 1,
                  seconds = 1, backend = 'cpu', kernels = 'Zen', lease_expires_at = NULL, finished_at = now()
                WHERE digest = $1
                """), claim.digest, outcome, report)
          }
        }
        return count
      }
      #expect(try await finishRound("fit", report: #"{"nothing": "that anybody knows"}"#) == 2)
      await advancer.advance(one.id)
      #expect(try await one.jobs.probes(of: one.id, limit: 100).count == 4)
      try await one.database.withConnection { session in
        try session.execute(
          script: Statement("a newer schema", "ALTER TYPE probe_outcome ADD VALUE 'dreaming'"))
      }
      #expect(try await finishRound("dreaming", report: "{}") == 2)
      await advancer.advance(one.id)
      let waiting = try #require(try await one.jobs.job(one.id))
      #expect(waiting.state == .running)
      #expect(waiting.waitingFor?.contains("outcome") == true)
    }
  }

  /// A job without workers, whose probes the test ends as it likes.
  private struct AdvancedJob: Sendable {
    let database: Database
    let jobs: JobStore
    let queue: ProbeQueue
    let id: UUID

    /// The first probe of the queue.
    func claim() async throws -> ClaimedProbe? {
      try await queue.claim(ProbeClaimant(worker: "w"), limit: 1).first
    }

    /// As another process would have one: it knows nothing of the job yet.
    func advancer() -> JobAdvancer {
      let datasets = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
      return JobAdvancer(
        jobs: jobs,
        pinner: DatasetPinner(
          runner: ProbeRunner(library: datasets), fetches: true, memoryLimit: MemoryLimit.ofThisMachine,
          stop: StopFlag(), lacks: Lacks()),
        logger: quiet)
    }
  }

  private func withAdvancer(_ document: String, _ body: (AdvancedJob) async throws -> Void) async throws {
    let url = try await TestCluster.shared.makeDatabase()
    let database = try Database(url: url, poolSize: 2, logger: quiet)
    _ = try await database.migrate()
    let jobs = JobStore(database: database, engineRevision: engineRevision)
    let specification = try MeasurementSpecification(json: JSONValue(parsing: document.utf8))
    let id = try await jobs.submit(JobSubmission(specification: specification.json.text())).id
    try await body(
      AdvancedJob(
        database: database, jobs: jobs,
        queue: ProbeQueue(database: database, engineRevision: engineRevision), id: id))
    await database.close()
    try await TestCluster.shared.drop(url)
  }
}
