/// What can go wrong between this process and PostgreSQL.
package enum DatabaseError: Error, Sendable, Hashable {
  /// The connection URL doesn't parse.
  case invalidURL(reason: String)
  /// No connection could be made within the time allowed; nothing was sent.
  case unreachable(reason: String)
  /// The connection broke while a statement ran. `mayHaveCommitted` says whether its effect is unknown.
  case connectionLost(reason: String, mayHaveCommitted: Bool)
  /// No answer came in time, and the connection was given up. `mayHaveCommitted` says whether the effect is
  /// unknown.
  case timedOut(statement: String, mayHaveCommitted: Bool)
  /// The pool was closed.
  case closed
  /// PostgreSQL refused a statement.
  case refused(statement: String, state: SQLState, message: String, constraint: String?)
  /// A parameter (counted from 1) holds a NUL character, which no text in PostgreSQL can hold.
  case nulCharacter(statement: String, parameter: Int)
  /// A column is missing, NULL, or of another type than was asked for.
  case unexpectedColumn(statement: String, column: String, expected: String)
}

extension DatabaseError: CustomStringConvertible {
  /// One line for logs and terminals.
  package var description: String {
    switch self {
    case .invalidURL(let reason): "The database URL is not valid: \(reason)"
    case .unreachable(let reason): "The database can't be reached: \(reason)"
    case .connectionLost(let reason, _): "The connection to the database was lost: \(reason)"
    case .timedOut(let statement, _): "The database gave no answer to '\(statement)' in time"
    case .closed: "The connection pool is closed"
    case .refused(let statement, let state, let message, _):
      "PostgreSQL refused '\(statement)': \(message) (\(state))"
    case .nulCharacter(let statement, let parameter):
      "Parameter \(parameter) of '\(statement)' holds a NUL character, which PostgreSQL can't store"
    case .unexpectedColumn(let statement, let column, let expected):
      "Column \(column) of '\(statement)' is not \(expected)"
    }
  }

  /// Whether the database is away, in trouble of its own or busy with what others change at the same time, rather than at
  /// odds with a statement: the same may well be done later.
  package var isOutage: Bool {
    switch self {
    case .unreachable, .connectionLost, .timedOut, .closed: true
    case .refused(_, let state, _, _): state.isOutage || state.isOutOfSpace || state.isConflict
    default: false
    }
  }

  /// Whether the disk of the database is full.
  package var isOutOfSpace: Bool {
    guard case .refused(_, let state, _, _) = self else { return false }
    return state.isOutOfSpace
  }

  /// Whether a parameter's text can't be read as its type.
  package var isOfData: Bool {
    switch self {
    case .refused(_, let state, _, _): state.rawValue.hasPrefix("22")
    case .nulCharacter: true
    default: false
    }
  }

  /// Whether what was asked for may have been done all the same.
  package var mayHaveCommitted: Bool {
    switch self {
    case .connectionLost(_, let mayHaveCommitted), .timedOut(_, let mayHaveCommitted): mayHaveCommitted
    default: false
    }
  }

  /// Whether a plan that the connection kept is of no use any more.
  var isOfStalePlan: Bool {
    guard case .refused(_, let state, _, _) = self else { return false }
    return state.isOfStalePlan
  }

  /// Whether running the whole transaction again is safe and may help.
  var isTransient: Bool {
    switch self {
    case .refused(_, let state, _, _):
      state.isConflict || state.isOfStalePlan
    case .connectionLost(_, let mayHaveCommitted): !mayHaveCommitted
    default: false
    }
  }
}
