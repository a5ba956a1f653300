import Logging
import Synchronization

/// A small pool of connections to one PostgreSQL database.
///
/// Each connection has a thread of its own; work is a synchronous closure that runs there. When all are
/// busy callers wait in order of arrival; a cancelled task leaves the line. A connection that broke is made
/// again, with exponential backoff and jitter, for as long as `patience` lasts.
package final class Database: Sendable {
  /// Where the database is.
  package let url: String
  let logger: Logger
  private let patience: Duration
  private let pool: ConnectionPool

  /// Makes the pool; connects when first used. Throws `.invalidURL`.
  /// - Parameters:
  ///   - url: a libpq URL (`postgresql://…`) or key–value string.
  ///   - poolSize: the number of connections, at least 1.
  ///   - patience: how long an operation waits for a server that can't be reached.
  package init(
    url: String, poolSize: Int = 8, patience: Duration = .seconds(5), logger: Logger
  ) throws(DatabaseError) {
    precondition(poolSize > 0)
    try Session.validate(url: url)
    self.url = url
    self.logger = logger
    self.patience = patience
    pool = ConnectionPool(
      connections: (0..<poolSize).map { Connection(url: url, name: "postgres-\($0)") })
  }

  /// Runs a closure on a connection of the pool. The closure blocks and must not wait for other
  /// operations of this pool. Throws `.unreachable` when there is no server for longer than the patience.
  package func withConnection<T: Sendable>(
    _ body: @escaping @Sendable (Session) throws -> T
  ) async throws -> T {
    let connection = try await pool.acquire()
    defer { pool.release(connection) }
    var backoff = Backoff()
    let deadline = ContinuousClock.now + patience
    while true {
      do {
        return try await connection.perform(body)
      } catch DatabaseError.unreachable(let reason) {
        let wait = backoff.next()
        guard ContinuousClock.now + wait < deadline, !pool.isClosed else {
          throw DatabaseError.unreachable(reason: reason)
        }
        logger.debug("no connection to the database", metadata: ["reason": "\(reason)", "wait": "\(wait)"])
        try await Task.sleep(for: wait)
      }
    }
  }

  /// Runs a closure in a transaction, again if PostgreSQL had to break a deadlock or the connection was
  /// lost before the commit was sent. The closure may therefore run more than once.
  package func transaction<T: Sendable>(
    _ body: @escaping @Sendable (Session) throws -> T
  ) async throws -> T {
    try await retrying { try $0.transaction(body) }
  }

  /// Runs a closure on a connection, again where that is safe and may help, as after a deadlock. The closure
  /// may therefore run more than once.
  package func retrying<T: Sendable>(
    _ body: @escaping @Sendable (Session) throws -> T
  ) async throws -> T {
    var backoff = Backoff(first: .milliseconds(5), limit: .milliseconds(200))
    for _ in 1..<Self.transactionAttempts {
      do {
        return try await withConnection(body)
      } catch let error as DatabaseError where error.isTransient {
        logger.debug("transaction is tried again", metadata: ["reason": "\(error)"])
        try await Task.sleep(for: backoff.next())
      }
    }
    return try await withConnection(body)
  }

  private static let transactionAttempts = 5

  /// Runs one statement and decodes its rows on the connection's thread.
  package func query<T: Sendable>(
    _ statement: Statement, _ parameters: (any DatabaseEncodable)?...,
    decode: @escaping @Sendable (Row) throws -> T
  ) async throws -> [T] {
    try await withConnection { session in
      try session.query(statement, binding: parameters).map(decode)
    }
  }

  /// Asks the server for an answer: the health check of `/readyz`.
  package func ping() async throws {
    try await withConnection { _ = try $0.query(Statement("ping", "SELECT 1")) }
  }

  /// Refuses new work, lets what runs end (after `grace` it is cancelled at the server) and closes every
  /// connection. Returns when all threads have nothing left to do.
  package func close(grace: Duration = .seconds(3)) async {
    await pool.close(grace: grace)
  }
}
