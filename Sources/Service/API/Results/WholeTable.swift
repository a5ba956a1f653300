import Capacity
import HTTPServer

/// Rows that are read at once and made one after the other: together they may be many times the size of what they are made of.
struct TableBatch: Sendable {
  /// Where the next batch begins.
  let end: Int64
  let forEachRow: @Sendable (_ body: (TableRow) -> Void) throws -> Void
}

extension TableFormat {
  /// Every row of a table as lines or CSV, read and written in batches as the client takes them. CSV is read twice where its
  /// rows may have further columns, since its first line names those of all.
  ///
  /// - Parameters:
  ///   - name: of the file.
  ///   - leading: the columns that come first.
  ///   - hasOthers: whether rows may have further ones.
  ///   - start: where the first batch begins.
  ///   - read: the batch after a place; nil behind the last.
  func whole(
    named name: String, leading: [String], hasOthers: Bool = true, after start: Int64,
    _ read: @escaping @Sendable (_ after: Int64) async throws -> TableBatch?
  ) async throws -> HTTPResponse {
    guard self == .csv else {
      return try response(PagedText(head: [], start: start, rows: read) { $0.ndjson }, named: name)
    }
    var columns = TableColumns(leading: leading)
    var place = start
    while hasOthers, let batch = try await read(place) {
      place = batch.end
      let found = columns
      columns = try await onOwnThread {
        var found = found
        try batch.forEachRow { found.add($0) }
        return found
      }
    }
    let table = CSVText(columns: columns.names)
    return try response(
      PagedText(head: table.header, start: start, rows: read) { table.line($0) }, named: name)
  }
}

extension PagedText {
  /// A page for each batch of rows.
  fileprivate init(
    head: [UInt8], start: Int64, rows read: @escaping @Sendable (_ after: Int64) async throws -> TableBatch?,
    _ write: @escaping @Sendable (TableRow) -> [UInt8]
  ) {
    self.init(head: head, start: start) { place in
      guard let batch = try await read(place) else { return nil }
      let bytes = try await onOwnThread {
        var bytes: [UInt8] = []
        try batch.forEachRow { bytes += write($0) }
        return bytes
      }
      return (bytes, batch.end)
    }
  }
}
