import Foundation
import Logging
import Persistence
import Testing

/// The PostgreSQL server of this run: the one of EMC_TEST_DATABASE_URL (a `postgresql://` URL of a role that
/// may create databases), else a private cluster that is made once and removed when the process ends.
enum TestServer {
  static let url = Task<String, any Error> {
    if let url = ProcessInfo.processInfo.environment["EMC_TEST_DATABASE_URL"] { return url }
    return try await TemporaryCluster.start()
  }

  /// The same server, another database.
  static func url(ofDatabase name: String) async throws -> String {
    var components = try #require(URLComponents(string: try await url.value))
    components.path = "/" + name
    return try #require(components.string)
  }
}

let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

/// Runs a test with a new, empty database of its own, which is dropped afterwards.
func withEmptyDatabase<T: Sendable>(
  poolSize: Int = 4, _ body: (Database) async throws -> T
) async throws -> T {
  let name = "test_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
  let administrator = try Database(url: try await TestServer.url.value, poolSize: 1, logger: quiet)
  try await administrator.withConnection {
    try $0.execute(script: Statement("create", "CREATE DATABASE \(name)"))
  }
  let database = try Database(
    url: try await TestServer.url(ofDatabase: name), poolSize: poolSize, logger: quiet)
  let outcome: Result<T, any Error>
  do {
    outcome = .success(try await body(database))
  } catch {
    outcome = .failure(error)
  }
  await database.close()
  try await administrator.withConnection {
    try $0.execute(script: Statement("drop", "DROP DATABASE \(name) WITH (FORCE)"))
  }
  await administrator.close()
  return try outcome.get()
}

/// Runs a test with a migrated database of its own.
func withDatabase<T: Sendable>(
  poolSize: Int = 4, _ body: (Database) async throws -> T
) async throws -> T {
  try await withEmptyDatabase(poolSize: poolSize) { database in
    try await database.migrate()
    return try await body(database)
  }
}

/// Asks again and again until there is an answer; fails after the deadline.
func eventually<T: Sendable>(
  within limit: Duration = .seconds(60), _ what: Comment,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ answer: () async throws -> T?
) async throws -> T {
  let deadline = ContinuousClock.now + limit
  while ContinuousClock.now < deadline {
    if let value = try await answer() { return value }
    try await Task.sleep(for: .milliseconds(2))
  }
  return try #require(try await answer(), what, sourceLocation: sourceLocation)
}

/// The SQLSTATE and the constraint that PostgreSQL refuses a statement with; nil if it accepts it.
func refusal(
  of sql: String, in database: Database
) async throws -> (state: SQLState, constraint: String?)? {
  do {
    _ = try await database.query(Statement("try", sql)) { _ in true }
    return nil
  } catch DatabaseError.refused(_, let state, _, let constraint) {
    return (state, constraint)
  }
}

/// A content address that is told apart by a number.
func digest(_ number: Int) -> String {
  let hexadecimal = String(number, radix: 16)
  return String(repeating: "0", count: 64 - hexadecimal.count) + hexadecimal
}

/// Probe number `number`.
func request(_ number: Int) -> ProbeRequest {
  ProbeRequest(
    digest: digest(number), trajectory: digest(number), samples: 64 * number, replicate: number % 3,
    maxSteps: 1000,
    specification: #"{"probe": \#(number)}"#)
}

extension JobStore {
  /// Submits a job of which little is known.
  func submit(specification: String, name: String? = nil) async throws -> JobRecord {
    try await submit(JobSubmission(specification: specification, name: name))
  }

  /// Advances a job; what it then is, nil where it wasn't to be advanced: nothing was asked of `decide`, nothing changed.
  func advanced(
    _ id: UUID, decide: @escaping @Sendable (JobHistory) throws -> JobAdvance
  ) async throws -> JobRecord? {
    let (before, asked) = (try await job(id), Counter())
    let isLive = try await advance(id: id) { history in
      asked.increment()
      return try decide(history)
    }.isLive
    let after = try await job(id)
    guard asked.value > 0 || after != before else {
      #expect(!isLive)
      return nil
    }
    #expect(isLive == after?.state.isLive)
    return after
  }
}

extension ProbeQueue {
  /// Records an outcome after some steps.
  func finish(
    _ claim: ClaimedProbe, outcome: ProbeOutcome, steps: Int = 7, report: String = "{}"
  ) async throws -> Bool {
    try await finish(
      claim, ProbeMeasurement(outcome: outcome, steps: steps, seconds: 0.25, kernels: "Zen", report: report))
  }
}
