import CPostgres

/// A statement's text with the name that errors and logs call it by. Parameters are `$1`, `$2`, ….
package struct Statement: Sendable {
  /// What the statement does, in a few words.
  package let name: String
  /// The SQL. Never made from input.
  package let sql: String
  /// Whether a connection keeps its plan.
  package let isPrepared: Bool

  /// Names a statement.
  ///
  /// - Parameter isPrepared: whether a connection keeps its plan, parsed and planned once; not for SQL that is put together for
  ///   one request, of which there may be any number.
  package init(_ name: String, _ sql: String, isPrepared: Bool = true) {
    self.name = name
    self.sql = sql
    self.isPrepared = isPrepared
  }
}

/// The rows that a statement answered with. Owned by the connection's thread: decode there.
package final class Rows: RandomAccessCollection {
  private let result: OpaquePointer
  let statement: String
  private let columns: [String: Int32]

  init(result: OpaquePointer, statement: String) {
    self.result = result
    self.statement = statement
    var columns: [String: Int32] = [:]
    for column in 0..<PQnfields(result) {
      columns[String(cString: PQfname(result, column))] = column
    }
    self.columns = columns
  }

  deinit { PQclear(result) }

  /// 0.
  package var startIndex: Int { 0 }
  /// The number of rows.
  package var endIndex: Int { Int(PQntuples(result)) }
  /// The row at an index.
  package subscript(index: Int) -> Row {
    precondition(indices.contains(index))
    return Row(rows: self, index: Int32(index))
  }

  /// How many rows a statement without an answer changed.
  package var changedCount: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

  fileprivate func decode<V: DatabaseDecodable>(
    _ type: V.Type, row: Int32, column name: String
  ) throws(DatabaseError) -> V? {
    guard let column = columns[name] else {
      throw .unexpectedColumn(statement: statement, column: name, expected: "\(type)")
    }
    guard PQgetisnull(result, row, column) == 0 else { return nil }
    let bytes = UnsafeRawBufferPointer(
      start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
    guard let value = V(databaseBytes: bytes, type: DatabaseType(rawValue: PQftype(result, column))) else {
      throw .unexpectedColumn(statement: statement, column: name, expected: "\(type)")
    }
    return value
  }
}

/// One row of an answer.
package struct Row {
  fileprivate let rows: Rows
  fileprivate let index: Int32

  /// The value of a column that is never NULL.
  package func value<V: DatabaseDecodable>(
    _ column: String, as type: V.Type = V.self
  ) throws(DatabaseError) -> V {
    guard let value = try rows.decode(type, row: index, column: column) else {
      throw .unexpectedColumn(
        statement: rows.statement, column: column, expected: "\(type), but NULL")
    }
    return value
  }

  /// The value of a column, nil for NULL.
  package func optional<V: DatabaseDecodable>(
    _ column: String, as type: V.Type = V.self
  ) throws(DatabaseError) -> V? {
    try rows.decode(type, row: index, column: column)
  }
}
