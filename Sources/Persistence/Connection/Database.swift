import Logging
import Synchronization

/// A small pool of connections to one PostgreSQL database.
///
/// Each connection has a thread of its own; work is a synchronous closure that runs there. When all are
/// busy callers wait in order of arrival; a cancelled task leaves the line. A connection that broke is made
/// again, with exponential backoff and jitter. Nothing waits longer than the limits of the pool say: requests
/// and work have pools of their own, so that neither holds the other up.
package final class Database: Sendable {
  /// Where the database is.
  package let url: String
  let logger: Logger
  private let limits: DatabaseLimits
  private let pool: ConnectionPool

  /// Makes the pool; connects when first used. Throws `.invalidURL`.
  /// - Parameters:
  ///   - url: a libpq URL (`postgresql://…`) or key–value string.
  ///   - poolSize: the number of connections, at least 1.
  package init(
    url: String, poolSize: Int = 8, limits: DatabaseLimits = .work, logger: Logger
  ) throws(DatabaseError) {
    precondition(poolSize > 0)
    try Session.validate(url: url)
    self.url = url
    self.logger = logger
    self.limits = limits
    pool = ConnectionPool(
      connections: (0..<poolSize).map { Connection(url: url, name: "postgres-\($0)") })
  }

  /// Runs a closure on a connection of the pool. The closure blocks and must not wait for other
  /// operations of this pool. Throws `.unreachable` when there is no connection within the limit.
  package func withConnection<T: Sendable>(
    _ body: @escaping @Sendable (Session) throws -> T
  ) async throws -> T {
    let deadline = ContinuousClock.now + limits.connection
    let connection = try await pool.acquire(within: limits.connection)
    defer { pool.release(connection) }
    var backoff = Backoff()
    while true {
      var limits = limits
      limits.connection = max(deadline - ContinuousClock.now, .milliseconds(10))
      do {
        return try await connection.perform(limits, body)
      } catch DatabaseError.unreachable(let reason) {
        let wait = backoff.next()
        guard ContinuousClock.now + wait < deadline, !pool.isOver else {
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

  /// Runs one statement that is its own transaction, and decodes its rows on the connection's thread; again after a
  /// deadlock.
  package func change<T: Sendable>(
    _ statement: Statement, _ parameters: (any DatabaseEncodable)?...,
    decode: @escaping @Sendable (Row) throws -> T
  ) async throws -> [T] {
    try await retrying { session in try session.query(statement, binding: parameters).map(decode) }
  }

  /// As above; how many rows it changed.
  @discardableResult
  package func change(_ statement: Statement, _ parameters: (any DatabaseEncodable)?...) async throws -> Int {
    try await retrying { session in try session.query(statement, binding: parameters).changedCount }
  }

  /// Runs a closure on a connection, again where that is safe and may help, as after a deadlock, and the
  /// limit for connecting isn't over. The closure may therefore run more than once.
  package func retrying<T: Sendable>(
    _ body: @escaping @Sendable (Session) throws -> T
  ) async throws -> T {
    var backoff = Backoff(first: .milliseconds(5), limit: .milliseconds(200))
    let deadline = ContinuousClock.now + limits.connection
    for _ in 1..<Self.transactionAttempts {
      do {
        return try await withConnection(body)
      } catch let error as DatabaseError where error.isTransient && ContinuousClock.now < deadline {
        logger.debug("transaction is tried again", metadata: ["reason": "\(error)"])
        try await Task.sleep(for: backoff.next())
      }
    }
    return try await withConnection(body)
  }

  private static let transactionAttempts = 5

  /// Runs one statement that only reads, and decodes its rows on the connection's thread; again if the connection was
  /// lost.
  package func query<T: Sendable>(
    _ statement: Statement, _ parameters: (any DatabaseEncodable)?...,
    decode: @escaping @Sendable (Row) throws -> T
  ) async throws -> [T] {
    try await reading { session in try session.query(statement, binding: parameters).map(decode) }
  }

  /// Runs a closure that only reads, again if the connection was lost: nothing that it does can have been done.
  package func reading<T: Sendable>(
    _ body: @escaping @Sendable (Session) throws -> T
  ) async throws -> T {
    try await retrying { session in
      do {
        return try body(session)
      } catch DatabaseError.connectionLost(let reason, _) {
        throw DatabaseError.connectionLost(reason: reason, mayHaveCommitted: false)
      } catch DatabaseError.timedOut(let statement, _) {
        throw DatabaseError.timedOut(statement: statement, mayHaveCommitted: false)
      }
    }
  }

  /// What the pool's connections do.
  package var usage: PoolUsage { pool.usage }

  /// Waits for the server no longer: what runs on it ends with an error, now and from now on.
  package func giveUp() { pool.giveUp() }

  /// Refuses new work, lets what runs end and closes every connection. After `grace` what runs is cancelled
  /// at the server, and where that doesn't answer, given up. Returns when all threads have nothing left to
  /// do.
  package func close(grace: Duration = .seconds(3)) async {
    await pool.close(grace: grace)
  }
}
