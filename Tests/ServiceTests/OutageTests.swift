import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence
import Service
import Testing

/// A database that is away for a while, as a whole: nobody gets in, and who was in is out.
private struct Outage {
  private let administrator: Database
  private let name: String

  init(of url: String) throws {
    var components = try #require(URLComponents(string: url))
    name = String(components.path.dropFirst())
    components.path = "/postgres"
    administrator = try Database(url: try #require(components.string), poolSize: 1, logger: quiet)
  }

  /// Takes the database away between statements: a claim whose commit is under way when its connection goes may have been
  /// made without its worker hearing of it, and is another attempt.
  func begin() async throws {
    try await administrator.withConnection { [name] session in
      _ = try session.query(Statement("close", "ALTER DATABASE \(name) ALLOW_CONNECTIONS false"))
    }
    _ = try await eventually("all connections to be gone") {
      try await administrator.withConnection { [name] session in
        _ = try session.query(
          Statement(
            "end",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND state = 'idle'"),
          name)
        return try session.query(
          Statement("look", "SELECT FROM pg_stat_activity WHERE datname = $1"), name
        ).isEmpty ? true : nil
      }
    }
  }

  func pause() async throws {
    try await administrator.withConnection { [name] session in
      _ = try session.query(Statement("open", "ALTER DATABASE \(name) ALLOW_CONNECTIONS true"))
    }
  }

  func end() async throws {
    try await pause()
    await administrator.close()
  }
}

private let specification = """
  {"dataset": {"name": "gaussian", "dimensions": 40}, "model": {"kind": "mlp", "hidden": [8]},
   "training": {"optimizer": {"kind": "sgd"}, "schedule": {"warmup_steps": 0}, "max_steps": 8000}, "search": {"initial_samples": 128, "replicates": 2}, "seed": 5}
  """

@Suite struct OutageTests {
  private func kept(in directory: URL) -> [String] {
    let folder = directory.appending(path: "outbox")
    let processes = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
    return processes.filter { $0.hasSuffix(".json") }
  }

  private func withDirectory<T>(_ body: (URL) async throws -> T) async throws -> T {
    let directory = FileManager.default.temporaryDirectory.appending(path: "emc-outage-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    return try await body(directory)
  }

  private func expected() throws -> JSONValue? {
    let parsed = try MeasurementSpecification(json: JSONValue(parsing: specification.utf8))
    let local = try LocalMeasurement(
      specification: parsed, library: DatasetLibrary(directory: FileManager.default.temporaryDirectory),
      workers: 1
    ).run()
    return comparable(local.result.json(withProbes: local.probes))
  }

  /// Submits the job and takes the database away once a probe is under way; returns when that one has ended.
  private func loseTheDatabase(
    _ service: TestService, _ outage: Outage, _ directory: URL
  ) async throws -> String {
    let id = try #require(try await service.send(.post, "/v1/jobs", specification).1["id"]?.stringValue)
    _ = try await eventually("a probe under way") {
      try await service.send(.get, "/v1/jobs/\(id)").1["state"] == .string("running") ? true : nil
    }
    // An outage that begins between two probes has none that ends during it: then there is another.
    for _ in 0..<20 {
      try await outage.begin()
      let isKept = try? await eventually("an outcome on disk", within: .seconds(10)) {
        kept(in: directory).isEmpty ? nil : true
      }
      if isKept == true { return id }
      try await outage.pause()
      _ = try await eventually("the database to be back") {
        try? await service.send(.get, "/v1/jobs/\(id)").0.status == .ok ? true : nil
      }
    }
    Issue.record("no probe ended during an outage")
    return id
  }

  /// Everything was trained once, and is what it would have been.
  private func expectNothingWasLost(_ id: String, _ service: TestService, _ directory: URL) async throws {
    let job = try await service.finished(id)
    #expect(job["state"] == .string("succeeded"))
    #expect(comparable(job["result"])?.text() == (try expected())?.text())
    let uuid = try #require(UUID(uuidString: id))
    let probes = try await JobStore(database: service.database, engineRevision: engineRevision)
      .probes(of: uuid, limit: 1000)
    #expect(!probes.isEmpty)
    for probe in probes { #expect(probe.attempts == 1 && probe.crashes == 0, "\(probe.samples)") }
    #expect(kept(in: directory).isEmpty)
  }

  @Test(.timeLimit(.minutes(5))) func outcomesWaitForTheDatabase() async throws {
    try await withDirectory { directory in
      try await withService(workers: 1, directory: directory) { service in
        let outage = try Outage(of: service.database.url)
        let id = try await loseTheDatabase(service, outage, directory)
        for name in kept(in: directory) {
          let file = directory.appending(path: "outbox/\(name)")
          let rights = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
          #expect(rights == 0o600)
        }
        try await outage.end()
        try await expectNothingWasLost(id, service, directory)
      }
    }
  }

  @Test(.timeLimit(.minutes(5))) func anOutcomeOutlivesItsProcess() async throws {
    try await withDirectory { directory in
      let url = try await TestCluster.shared.makeDatabase()
      let outage = try Outage(of: url)
      let id = try await withService(workers: 1, url: url, directory: directory) { service in
        try await loseTheDatabase(service, outage, directory)
      }
      #expect(!kept(in: directory).isEmpty)
      try await outage.end()
      try await withService(workers: 1, url: url, directory: directory) { service in
        try await expectNothingWasLost(id, service, directory)
      }
    }
  }

  @Test(.timeLimit(.minutes(5))) func requestsAreAnsweredDuringAnOutage() async throws {
    try await withService { service in
      let requests = try Database(url: service.database.url, poolSize: 2, limits: .requests, logger: quiet)
      let router = Router.api(database: requests, datasets: service.datasets, logger: quiet)
      func status(_ method: HTTPMethod, _ target: String, _ body: String = "") async throws -> HTTPResponse {
        await router.respond(
          to: try HTTPRequest(method: method, target: target, body: HTTPBody(Array(body.utf8))))
      }
      #expect(try await status(.get, "/readyz").status == .ok)
      let outage = try Outage(of: service.database.url)
      try await outage.begin()
      for (method, target, body) in [
        (HTTPMethod.get, "/readyz", ""), (.get, "/v1/jobs", ""), (.post, "/v1/jobs", specification),
        (.get, "/v1/jobs/\(UUID().uuidString)", ""), (.post, "/v1/jobs/\(UUID().uuidString)/cancel", ""),
      ] {
        let response = try await status(method, target, body)
        #expect(response.status == .serviceUnavailable, "\(method) \(target)")
        #expect(response.headers["Retry-After"].flatMap { Int($0) } != nil, "\(method) \(target)")
      }
      #expect(try await status(.get, "/livez").status == .ok)
      try await outage.end()
      _ = try await eventually("it recovers") {
        try await status(.get, "/readyz").status == .ok ? true : nil
      }
      await requests.close()
    }
  }

  @Test func aFullDiskIsSaidSo() async throws {
    try await withService { service in
      try await service.database.withConnection { session in
        try session.execute(
          script: Statement(
            "fill the disk",
            """
            CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION full_disk();
            """))
      }
      let (response, problem) = try await service.send(.post, "/v1/jobs", specification)
      #expect(response.status == .insufficientStorage)
      #expect(problem["detail"]?.stringValue?.contains("disk") == true)
      #expect(response.headers["Retry-After"] != nil)
    }
  }

  @Test func readinessChecksTheSchema() async throws {
    try await withService { service in
      #expect(try await service.send(.get, "/readyz").0.status == .ok)
      try await service.database.withConnection { session in
        try session.execute(script: Statement("forget", "DELETE FROM schema_migrations WHERE version > 1"))
      }
      let (response, problem) = try await service.send(.get, "/readyz")
      #expect(response.status == .serviceUnavailable)
      #expect(problem["detail"]?.stringValue?.contains("emc migrate") == true)
    }
  }
}
