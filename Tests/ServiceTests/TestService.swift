import Capacity
import Datasets
import Foundation
import HTTPServer
import Logging
import Persistence
import Service
import ServiceLifecycle
import Synchronization
import Testing

/// The whole service but for its socket: a database of its own in one private cluster, workers, and the
/// router.
struct TestService {
  let router: Router
  let database: Database
  let datasets: DatasetLibrary
  let dataDirectory: URL

  /// Sends a request and reads the JSON of the response.
  func send(
    _ method: HTTPMethod, _ target: String, _ body: String = "", headers: HTTPHeaders = [:]
  ) async throws -> (HTTPResponse, JSONValue) {
    let request = try HTTPRequest(
      method: method, target: target, headers: headers, body: HTTPBody(Array(body.utf8)))
    let response = await router.respond(to: request)
    let bytes = try await response.content()
    return (response, bytes.isEmpty ? .null : try JSONValue(parsing: bytes))
  }

  /// Polls a job until it has ended.
  func finished(_ id: String, within limit: Duration = .seconds(120)) async throws -> JSONValue {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
      let job = try await send(.get, "/v1/jobs/\(id)").1
      if let state = job["state"]?.stringValue, state != "queued", state != "running" { return job }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw TimedOut(what: "job \(id)")
  }
}

extension HTTPResponse {
  /// The content, all of it where it comes in pieces; nothing of a file and of events.
  func content() async throws -> [UInt8] {
    switch body {
    case .bytes(let bytes): return bytes
    case .stream(let stream):
      var bytes: [UInt8] = []
      var iterator = stream.makeAsyncIterator()
      while let piece = try await iterator.next(isolation: nil) { bytes += piece }
      return bytes
    default: return []
    }
  }

  var isInPieces: Bool { if case .stream = body { true } else { false } }
}

struct TimedOut: Error { let what: String }

/// The cluster that all tests of this process share; the process's end takes it along.
actor TestCluster {
  static let shared = TestCluster()
  private var start: Task<String, any Error>?

  /// The URL of a fresh, empty database.
  func makeDatabase() async throws -> String {
    if start == nil {
      start = Task {
        if let url = ProcessInfo.processInfo.environment["EMC_TEST_DATABASE_URL"] { return url }
        let directory = FileManager.default.temporaryDirectory.appending(
          path: "emc-service-tests-\(getpid())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let cluster = PrivateCluster(directory: directory, logger: quiet)
        let url = try await cluster.start()
        TestCluster.stopAtExit(cluster, directory)
        return url
      }
    }
    let url = try await start!.value
    let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "_")
    let administration = try Database(url: url, poolSize: 1, logger: quiet)
    try await administration.withConnection {
      try $0.execute(script: Statement("create", "CREATE DATABASE \(name)"))
    }
    await administration.close()
    return try Self.url(url, database: name)
  }

  /// Drops a database that was made here, while its files are at hand: to remove hundreds at the process's end takes minutes
  /// where they have to be read again.
  func drop(_ url: String) async throws {
    guard let start, let name = URLComponents(string: url)?.path.dropFirst() else { return }
    let administration = try Database(url: try await start.value, poolSize: 1, logger: quiet)
    try await administration.withConnection {
      try $0.execute(script: Statement("drop", "DROP DATABASE IF EXISTS \(name) WITH (FORCE)"))
    }
    await administration.close()
  }

  private static func url(_ url: String, database: String) throws -> String {
    var components = try #require(URLComponents(string: url))
    components.path = "/" + database
    return try #require(components.string)
  }

  private static func stopAtExit(_ cluster: PrivateCluster, _ directory: URL) {
    cleanup.withLock { $0 = (cluster, directory) }
    atexit {
      guard let (cluster, directory) = cleanup.withLock({ $0 }) else { return }
      let done = DispatchSemaphore(value: 0)
      Task.detached {
        await cluster.stop()
        done.signal()
      }
      done.wait()
      try? FileManager.default.removeItem(at: directory)
    }
  }
}

private let cleanup = Mutex<(PrivateCluster, URL)?>(nil)

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs `body` beside a service with `workers` workers on a database of its own.
func withService<T: Sendable>(
  workers: Int = 0, options: WorkOptions? = nil, url: String? = nil, directory: URL? = nil,
  uploadLimit: Int = 1 << 20, mirror: String? = nil, memoryLimit: Int = MemoryLimit.ofThisMachine,
  _ body: @Sendable (TestService) async throws -> T
) async throws -> T {
  let isOwn = url == nil
  let url = if let url { url } else { try await TestCluster.shared.makeDatabase() }
  let database = try Database(url: url, poolSize: 4, logger: quiet)
  _ = try await database.migrate()
  let own = FileManager.default.temporaryDirectory.appending(path: "emc-service-\(UUID().uuidString)")
  let directory = directory ?? own
  defer { try? FileManager.default.removeItem(at: own) }
  let datasets = DatasetLibrary(
    directory: directory, mirror: mirror, retry: DownloadRetry(attempts: 1, firstDelay: 0))
  let events = try NotificationListener(url: url, logger: quiet)
  defer { events.close() }
  let metrics = PrometheusExporter()
  let work = WorkService(
    database: database, events: events, datasets: datasets,
    options: options ?? WorkOptions(workers: workers, memoryLimit: memoryLimit),
    identity: try WorkerIdentity(dataDirectory: directory), metrics: metrics, logger: quiet)
  let feed = JobFeed(events: events, database: database, logger: quiet)
  let service = TestService(
    router: .api(
      database: database, datasets: datasets, uploadLimit: uploadLimit, memoryLimit: memoryLimit,
      metrics: metrics, feed: feed,
      artifacts: ArtifactStore(directory: directory), logger: quiet),
    database: database, datasets: datasets, dataDirectory: directory)
  let group = ServiceGroup(services: [work, feed], gracefulShutdownSignals: [], logger: quiet)
  async let running: Void = group.run()
  let result: Result<T, any Error>
  do { result = .success(try await body(service)) } catch { result = .failure(error) }
  await group.triggerGracefulShutdown()
  try await running
  await database.close()
  events.close()
  if isOwn { try await TestCluster.shared.drop(url) }
  return try result.get()
}

/// Runs `body` with a migrated database of its own that no service works on.
func withDatabase<T: Sendable>(_ body: (Database) async throws -> T) async throws -> T {
  let url = try await TestCluster.shared.makeDatabase()
  let database = try Database(url: url, poolSize: 4, logger: quiet)
  let result: Result<T, any Error>
  do {
    _ = try await database.migrate()
    result = .success(try await body(database))
  } catch {
    result = .failure(error)
  }
  await database.close()
  try await TestCluster.shared.drop(url)
  return try result.get()
}
