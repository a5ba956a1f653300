/// Comma-separated values (RFC 4180): lines that end in CR LF, fields in quotation marks where they hold a comma, a quotation
/// mark or a line's end. Null is an empty field, an empty text `""`.
///
/// A field that a spreadsheet might take for a formula is left as it is: whoever reads the file elsewhere would get another
/// value.
package struct CSVText: Sendable {
  /// The columns, in their order.
  package let columns: [String]

  /// A table of these columns.
  package init(columns: [String]) { self.columns = columns }

  /// The first line: the columns' names.
  package var header: [UInt8] { Self.line(columns.map { Self.field(.string($0)) }) }

  /// The line of a row; what it doesn't have is empty.
  package func line(_ row: TableRow) -> [UInt8] {
    let values = Dictionary(row.cells.map { ($0.column, $0.value) }, uniquingKeysWith: { first, _ in first })
    return Self.line(columns.map { Self.field(values[$0] ?? .null) })
  }

  /// A whole table, with just the columns that its rows have and the leading ones.
  package static func table(_ rows: [TableRow], leading: [String]) -> [UInt8] {
    var columns = TableColumns(leading: leading)
    for row in rows { columns.add(row) }
    let text = CSVText(columns: columns.names)
    return rows.reduce(into: text.header) { $0 += text.line($1) }
  }

  private static func line(_ fields: [[UInt8]]) -> [UInt8] {
    Array(fields.joined(separator: [UInt8(ascii: ",")])) + [0x0D, 0x0A]
  }

  private static func field(_ value: JSONValue) -> [UInt8] {
    guard case .string(let text) = value else { return value == .null ? [] : value.utf8() }
    let quote = UInt8(ascii: "\"")
    let special: Set<UInt8> = [quote, UInt8(ascii: ","), 0x0D, 0x0A]
    let bytes = Array(text.utf8)
    guard bytes.isEmpty || bytes.contains(where: special.contains) else { return bytes }
    return [quote] + bytes.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
  }
}

extension TableRow {
  /// A line of NDJSON: the row as an object of one level.
  package var ndjson: [UInt8] { json.utf8() + [0x0A] }
}
