import CPostgres
import Foundation

/// One open connection to PostgreSQL. Blocks; used on the thread that owns it, nowhere else.
package final class Session {
  private let handle: OpaquePointer
  let canceller: Canceller

  /// Connects. Throws `.unreachable` with the server's reason.
  init(url: String) throws(DatabaseError) {
    // What stands before `dbname` are defaults that the URL may override.
    let settings: KeyValuePairs = [
      "application_name": "emc", "connect_timeout": "5", "client_encoding": "UTF8",
      "keepalives_idle": "15", "keepalives_interval": "5", "keepalives_count": "3",
      "tcp_user_timeout": "30000", "dbname": url,
    ]
    var keys = settings.map { strdup($0.key) } + [nil]
    var values = settings.map { strdup($0.value) } + [nil]
    defer { for text in keys + values { free(text) } }
    let opened = keys.withUnsafeMutableBufferPointer { keys in
      values.withUnsafeMutableBufferPointer { values in
        keys.withMemoryRebound(to: UnsafePointer<CChar>?.self) { keys in
          values.withMemoryRebound(to: UnsafePointer<CChar>?.self) { values in
            PQconnectdbParams(keys.baseAddress, values.baseAddress, 1)
          }
        }
      }
    }
    guard let opened else { throw .unreachable(reason: "out of memory") }
    guard PQstatus(opened) == CONNECTION_OK, let canceller = Canceller(opened) else {
      let reason = oneLine(PQerrorMessage(opened))
      PQfinish(opened)
      throw .unreachable(reason: reason)
    }
    handle = opened
    self.canceller = canceller
    // Notices go to the server's log, never to this process's stderr.
    PQsetNoticeProcessor(opened, { _, _ in }, nil)
    do {
      try query(Self.limits)
    } catch {
      throw .unreachable(reason: "\(error)")
    }
  }

  /// A process that is frozen inside a transaction must not keep a job's row locked for ever.
  private static let limits = Statement(
    "limit idle transactions", "SET idle_in_transaction_session_timeout = '60s'")

  deinit { PQfinish(handle) }

  /// Checks that a URL parses, without connecting.
  static func validate(url: String) throws(DatabaseError) {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &message) else {
      defer { PQfreemem(message) }
      throw .invalidURL(reason: message.map { oneLine($0) } ?? "out of memory")
    }
    PQconninfoFree(options)
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
    var bytes: [UInt8] = []
    var offsets: [Int?] = []
    for (index, parameter) in parameters.enumerated() {
      guard let parameter else {
        offsets.append(nil)
        continue
      }
      let text = parameter.databaseText.utf8
      guard !text.contains(0) else {
        throw .nulCharacter(statement: statement.name, parameter: index + 1)
      }
      offsets.append(bytes.count)
      bytes.append(contentsOf: text)
      bytes.append(0)
    }
    let result = bytes.withUnsafeBytes { bytes in
      let values = offsets.map { offset in
        offset.map { (bytes.baseAddress! + $0).assumingMemoryBound(to: CChar.self) }
      }
      // Parameters as text (0 formats), results in binary (1).
      return PQexecParams(handle, statement.sql, Int32(values.count), nil, values, nil, nil, 1)
    }
    return try accept(result, of: statement.name)
  }

  /// Runs a script of several statements that has no parameters and answers nothing.
  package func execute(script: Statement) throws(DatabaseError) {
    _ = try accept(PQexec(handle, script.sql), of: script.name)
  }

  /// BEGIN, the body, COMMIT; ROLLBACK if the body throws. READ COMMITTED: every statement sees what was
  /// committed before it began.
  package func transaction<T>(_ body: (Session) throws -> T) throws -> T {
    try query(Statement("begin", "BEGIN"))
    let value: T
    do {
      value = try body(self)
    } catch {
      // A connection that broke has rolled back already; its error is the one that matters.
      if isUsable { _ = try? query(Statement("rollback", "ROLLBACK")) }
      if case DatabaseError.connectionLost(let reason, _) = error {
        throw DatabaseError.connectionLost(reason: reason, mayHaveCommitted: false)
      }
      throw error
    }
    try query(Statement("commit", "COMMIT"))
    return value
  }

  /// The server's version as a number: 150013 is 15.13.
  package var serverVersion: Int { Int(PQserverVersion(handle)) }

  /// Whether a statement can run now: connected, and in no transaction.
  var isUsable: Bool { PQstatus(handle) == CONNECTION_OK }

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

/// Asks the server to cancel what a session runs; may be used from any thread.
final class Canceller: @unchecked Sendable {
  // Safe: libpq documents PQcancel as callable from any thread; the pointer never changes.
  private let handle: OpaquePointer

  init?(_ connection: OpaquePointer) {
    guard let handle = PQgetCancel(connection) else { return nil }
    self.handle = handle
  }

  deinit { PQfreeCancel(handle) }

  /// Blocks for a connection to the server. Whether anything was cancelled shows in the statement's error.
  func cancel() {
    var message = [CChar](repeating: 0, count: 256)
    _ = PQcancel(handle, &message, Int32(message.count))
  }
}

/// The field codes of `postgres_ext.h` (PG_DIAG_SQLSTATE 'C', PG_DIAG_MESSAGE_PRIMARY 'M',
/// PG_DIAG_CONSTRAINT_NAME 'n'), character literals that the importer leaves out.
private func diagnostic(_ code: Unicode.Scalar) -> Int32 { Int32(code.value) }

private func oneLine(_ text: UnsafePointer<CChar>?) -> String {
  guard let text else { return "" }
  return String(cString: text).split(whereSeparator: \.isNewline)
    .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "; ")
}
