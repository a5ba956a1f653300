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

extension SQLState {
  /// A key that is there already.
  static let uniqueViolation = SQLState(rawValue: "23505")
  /// A CHECK constraint or a transition guard refused the row.
  static let checkViolation = SQLState(rawValue: "23514")
  /// A text that is not of its type (JSON that doesn't parse, for one).
  static let invalidTextRepresentation = SQLState(rawValue: "22P02")
  /// The statement was cancelled.
  static let queryCancelled = SQLState(rawValue: "57014")
}

extension Database {
  /// Asks the server for an answer.
  func ping() async throws {
    try await withConnection { _ = try $0.query(Statement("ping", "SELECT 1")) }
  }
}
