import CPostgres
import Foundation
import Synchronization

/// One open connection to PostgreSQL. Blocks, at most as long as its limits say; used on the thread that owns
/// it, nowhere else.
///
/// libpq is driven without blocking, so that an answer that doesn't come ends in an error and not in a thread
/// that hangs. A session whose statement got no answer in time is not used again: what the server still does
/// with it isn't known, and the server ends it by itself.
package final class Session {
  let handle: OpaquePointer
  let canceller: Canceller
  private let statementLimit: Duration?
  private let isGivenUp: @Sendable () -> Bool
  private var hasTimedOut = false
  /// Statements that the server has parsed for this connection, by their SQL: what they are called.
  private var plans: [String: String] = [:]
  private var planCount = 0

  /// Connects. Throws `.unreachable` with the server's reason.
  ///
  /// - Parameters:
  ///   - limits: what stands under `connection` is the time for connecting alone.
  ///   - isGivenUp: polled while the server is waited for; true ends the wait like a limit.
  init(
    url: String, limits: DatabaseLimits, isGivenUp: @escaping @Sendable () -> Bool = { false }
  ) throws(DatabaseError) {
    let deadline = ContinuousClock.now + limits.connection
    guard let opened = Self.begin(url) else { throw .unreachable(reason: "out of memory") }
    if let fault = Self.finish(opened, by: deadline, isGivenUp) {
      PQfinish(opened)
      throw .unreachable(reason: fault)
    }
    guard let canceller = Canceller(opened) else {
      PQfinish(opened)
      throw .unreachable(reason: "out of memory")
    }
    handle = opened
    self.canceller = canceller
    self.isGivenUp = isGivenUp
    // The rest of the time for connecting, then that of a statement.
    statementLimit = limits.statement
    // Notices go to the server's log, never to this process's stderr.
    PQsetNoticeProcessor(opened, { _, _ in }, nil)
    PQsetnonblocking(opened, 1)
    do {
      let milliseconds = limits.statement.map { Int(($0.seconds + 1) * 1000) } ?? 0
      _ = try run(Self.settings, [String(milliseconds)], deadline: deadline)
    } catch {
      throw .unreachable(reason: "\(error)")
    }
  }

  /// A process that is frozen inside a transaction must not keep a job's row locked for ever, and a statement
  /// that nobody waits for any more must not go on. Plans are kept, those of triggers and foreign keys too: one that was made
  /// while a table was small must not read all of it when it has grown, before its statistics are taken. And they are kept
  /// whatever the parameters: to plan a statement of the queue takes as long as to run it, and the server, which counts
  /// an array as ten elements, would plan it each time.
  private static let settings = Statement(
    "limit transactions and statements",
    """
    SELECT set_config('idle_in_transaction_session_timeout', '60s', false),
      set_config('statement_timeout', $1, false), set_config('enable_seqscan', 'off', false),
      set_config('jit', 'off', false), set_config('plan_cache_mode', 'force_generic_plan', false)
    """, isPrepared: false)

  deinit { PQfinish(handle) }

  /// Waits for a descriptor; false when the deadline passed or the wait was given up.
  static func wait(
    _ descriptor: Int32, _ events: Int16, until deadline: ContinuousClock.Instant?, _ isGivenUp: () -> Bool
  ) -> Bool {
    var polled = pollfd(fd: descriptor, events: events, revents: 0)
    while !isGivenUp() {
      var slice = Duration.milliseconds(100)
      if let deadline {
        let left = deadline - ContinuousClock.now
        guard left > .zero else { return false }
        slice = min(slice, left)
      }
      if poll(&polled, 1, Int32((slice.seconds * 1000).rounded(.up))) > 0 { return true }
    }
    return false
  }

  /// Runs one statement with its parameters bound (never pasted into the text).
  @discardableResult
  package func query(
    _ statement: Statement, _ parameters: (any DatabaseEncodable)?...
  ) throws(DatabaseError) -> Rows {
    try query(statement, binding: parameters)
  }

  /// Runs one statement with an array of parameters bound.
  @discardableResult
  package func query(
    _ statement: Statement, binding parameters: [(any DatabaseEncodable)?]
  ) throws(DatabaseError) -> Rows {
    try run(statement, parameters, deadline: statementLimit.map { ContinuousClock.now + $0 })
  }

  private func run(
    _ statement: Statement, _ parameters: [(any DatabaseEncodable)?], deadline: ContinuousClock.Instant?
  ) throws(DatabaseError) -> Rows {
    let bound = try BoundParameters(parameters, of: statement)
    guard statement.isPrepared else {
      return try exchange(statement, deadline) {
        bound.withPointers { count, types, values, lengths, formats in
          PQsendQueryParams(handle, statement.sql, count, types, values, lengths, formats, Self.binary) == 1
        }
      }
    }
    do throws(DatabaseError) {
      return try runPrepared(statement, bound, deadline)
    } catch {
      guard error.isOfStalePlan else { throw error }
      // All of them: what changed one table may have changed others. A transaction has to begin anew.
      plans = [:]
      guard !isInTransaction else { throw error }
      return try runPrepared(statement, bound, deadline)
    }
  }

  /// The format that results come in.
  private static let binary: Int32 = 1

  private func runPrepared(
    _ statement: Statement, _ bound: BoundParameters, _ deadline: ContinuousClock.Instant?
  ) throws(DatabaseError) -> Rows {
    let name = plans[statement.sql] ?? "emc_\(planCount)"
    if plans[statement.sql] == nil {
      planCount += 1
      _ = try exchange(statement, deadline) {
        bound.withPointers { count, types, _, _, _ in
          PQsendPrepare(handle, name, statement.sql, count, types) == 1
        }
      }
      plans[statement.sql] = name
    }
    return try exchange(statement, deadline) {
      bound.withPointers { count, _, values, lengths, formats in
        PQsendQueryPrepared(handle, name, count, values, lengths, formats, Self.binary) == 1
      }
    }
  }

  /// Sends something and waits for its answer.
  private func exchange(
    _ statement: Statement, _ deadline: ContinuousClock.Instant?, _ send: () -> Bool
  ) throws(DatabaseError) -> Rows {
    guard send() else { throw lost() }
    return try accept(answer(to: statement, by: deadline), of: statement.name)
  }

  /// Runs a script of several statements that has no parameters and answers nothing.
  package func execute(script: Statement) throws(DatabaseError) {
    let deadline = statementLimit.map { ContinuousClock.now + $0 }
    _ = try exchange(script, deadline) { PQsendQuery(handle, script.sql) == 1 }
  }

  /// The last result of what was sent, as PQexec has it: of a script, the first that is an error.
  private func answer(
    to statement: Statement, by deadline: ContinuousClock.Instant?
  ) throws(DatabaseError) -> OpaquePointer? {
    var last: OpaquePointer?
    do throws(DatabaseError) {
      while PQflush(handle) == 1 {
        // The server may have to be read before it takes more.
        try awaitServer(POLLIN | POLLOUT, statement, deadline)
        guard PQconsumeInput(handle) == 1 else { throw lost() }
      }
      while true {
        while PQisBusy(handle) == 1 {
          try awaitServer(POLLIN, statement, deadline)
          guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
        guard let result = PQgetResult(handle) else { return last }
        if let last { PQclear(last) }
        last = result
      }
    } catch {
      if let last { PQclear(last) }
      throw error
    }
  }

  private func awaitServer(
    _ events: Int32, _ statement: Statement, _ deadline: ContinuousClock.Instant?
  ) throws(DatabaseError) {
    guard !Self.wait(PQsocket(handle), Int16(events), until: deadline, isGivenUp) else { return }
    hasTimedOut = true
    throw .timedOut(statement: statement.name, mayHaveCommitted: true)
  }

  /// BEGIN, the body, COMMIT; ROLLBACK if the body throws. READ COMMITTED: every statement sees what was
  /// committed before it began.
  package func transaction<T>(_ body: (Session) throws -> T) throws -> T {
    try beforeCommit { _ = try query(Statement("begin", "BEGIN", isPrepared: false)) }
    let value: T
    do {
      value = try beforeCommit { try body(self) }
    } catch {
      // A connection that broke has rolled back already; its error is the one that matters.
      if isUsable { _ = try? query(Statement("rollback", "ROLLBACK", isPrepared: false)) }
      throw error
    }
    try query(Statement("commit", "COMMIT", isPrepared: false))
    return value
  }

  /// What goes wrong before COMMIT was sent has committed nothing.
  private func beforeCommit<T>(_ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch DatabaseError.connectionLost(let reason, _) {
      throw DatabaseError.connectionLost(reason: reason, mayHaveCommitted: false)
    } catch DatabaseError.timedOut(let statement, _) {
      throw DatabaseError.timedOut(statement: statement, mayHaveCommitted: false)
    }
  }

  /// The server's version as a number: 150013 is 15.13.
  package var serverVersion: Int { Int(PQserverVersion(handle)) }

  /// Whether a statement can run now: connected, and no answer is outstanding.
  var isUsable: Bool { !hasTimedOut && PQstatus(handle) == CONNECTION_OK }

  var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

  /// Whether an idle connection is still open, without asking the server: reads what has arrived (a
  /// farewell or the end of the stream, when the server has gone).
  func isAlive() -> Bool {
    while isUsable {
      guard waitUntilReadable(milliseconds: 0) else { return true }
      guard PQconsumeInput(handle) == 1 else { return false }
    }
    return false
  }

  /// Waits for the server to send something, or for another descriptor to become readable.
  func waitUntilReadable(milliseconds: Int32, or other: Int32 = -1) -> Bool {
    var descriptors = [
      pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0),
      pollfd(fd: other, events: Int16(POLLIN), revents: 0),
    ]
    return poll(&descriptors, 2, milliseconds) > 0
  }

  /// The notifications that have arrived: (channel, payload). Throws when the connection is gone.
  func takeNotifications() throws(DatabaseError) -> [(channel: String, payload: String)] {
    guard PQconsumeInput(handle) == 1, isUsable else {
      throw .connectionLost(reason: oneLine(PQerrorMessage(handle)), mayHaveCommitted: false)
    }
    var taken: [(channel: String, payload: String)] = []
    while let notification = PQnotifies(handle) {
      taken.append(
        (String(cString: notification.pointee.relname), String(cString: notification.pointee.extra)))
      PQfreemem(notification)
    }
    return taken
  }

  private func accept(_ result: OpaquePointer?, of statement: String) throws(DatabaseError) -> Rows {
    guard let result else { throw lost() }
    switch PQresultStatus(result) {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
      return Rows(result: result, statement: statement)
    default:
      defer { PQclear(result) }
      guard isUsable, let state = PQresultErrorField(result, diagnostic("C")) else { throw lost() }
      throw .refused(
        statement: statement, state: SQLState(rawValue: String(cString: state)),
        message: PQresultErrorField(result, diagnostic("M")).map { oneLine($0) } ?? "",
        constraint: PQresultErrorField(result, diagnostic("n")).map { String(cString: $0) })
    }
  }

  private func lost() -> DatabaseError {
    .connectionLost(reason: oneLine(PQerrorMessage(handle)), mayHaveCommitted: true)
  }
}

/// The field codes of `postgres_ext.h` (PG_DIAG_SQLSTATE 'C', PG_DIAG_MESSAGE_PRIMARY 'M',
/// PG_DIAG_CONSTRAINT_NAME 'n'), character literals that the importer leaves out.
private func diagnostic(_ code: Unicode.Scalar) -> Int32 { Int32(code.value) }

func oneLine(_ text: UnsafePointer<CChar>?) -> String {
  guard let text else { return "" }
  return String(cString: text).split(whereSeparator: \.isNewline)
    .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "; ")
}
