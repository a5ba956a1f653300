/// A five-character result code of PostgreSQL (appendix A of its manual).
package struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The five characters.
  package let rawValue: String

  /// Takes the five characters as PostgreSQL gives them.
  package init(rawValue: String) { self.rawValue = rawValue }

  /// The five characters.
  package var description: String { rawValue }

  /// 40001: the transaction must be tried again.
  package static let serializationFailure = SQLState(rawValue: "40001")
  /// 40P01: two transactions waited for each other; this one must be tried again.
  package static let deadlockDetected = SQLState(rawValue: "40P01")
  /// 42P01: a table that is not there (the schema was not migrated).
  package static let undefinedTable = SQLState(rawValue: "42P01")
  /// 53100: no space is left on the server's disk.
  package static let diskFull = SQLState(rawValue: "53100")

  /// 0A000: a kept plan gives other columns by now, since a migration has changed a table.
  static let featureNotSupported = SQLState(rawValue: "0A000")
  /// 26000: the server keeps no such plan for this connection.
  static let invalidStatementName = SQLState(rawValue: "26000")

  /// Whether a plan that a connection kept is of no use any more; the statement can be planned anew.
  var isOfStalePlan: Bool { self == .featureNotSupported || self == .invalidStatementName }

  /// Whether no space is left for what was to be written.
  var isOutOfSpace: Bool { self == .diskFull }

  /// Whether others changed the same at the same time, so that the transaction was rolled back and can be tried again.
  var isConflict: Bool { self == .serializationFailure || self == .deadlockDetected }

  /// Whether the server is in trouble of its own: out of a resource (class 53, the disk apart), stopped by an
  /// operator (57), read-only for now (25006), in a fault of the system (58) or an internal one (XX).
  var isOutage: Bool {
    !isOutOfSpace
      && (["53", "57", "58", "XX"].contains { rawValue.hasPrefix($0) } || rawValue == "25006")
  }
}
