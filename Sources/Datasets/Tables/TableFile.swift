/// A delimited text file that can be read as often as needed, and what its first rows show of it.
struct TableFile {
  let text: TableText
  let delimiter: UInt8
  let headerRows: Int
  let columnNames: [String]
  let limits: DatasetLimits
  /// Lines that start with this byte are skipped.
  let comment: UInt8?
  /// The same, above the header alone.
  private let leadingComment: UInt8?
  /// Whether the first line states the delimiter.
  private let statesDelimiter: Bool
  /// What was chosen among several readings.
  private(set) var notes: [String] = []

  var name: String { text.name }
  var columns: Int { columnNames.count }

  init(
    _ path: String, name: String? = nil, options: TableOptions, limits: DatasetLimits
  ) throws(DatasetError) {
    let text = try TableText(path, name: name, encoding: options.encoding, limits: limits)
    self.text = text
    self.limits = limits
    comment = try Self.byte(options.comment, "comment")
    let start = try TextStart(text)
    statesDelimiter = start.statedDelimiter != nil
    leadingComment = comment == nil && start.beginsWithComments ? UInt8(ascii: "#") : nil
    delimiter = try Self.byte(options.delimiter, "delimiter") ?? start.delimiter
    let reader = try Self.reader(
      text, delimiter, comment: comment, leadingComment: leadingComment, skipsFirst: statesDelimiter)
    let rows = try Self.firstRows(reader)
    guard let first = rows.first else {
      throw .malformed(file: text.name, place: .wholeFile, reason: "no rows")
    }
    let inference = HeaderInference(file: text.name, rows: rows, options: options)
    if let stated = options.headerRows { headerRows = stated } else { headerRows = try inference.count() }
    guard headerRows < rows.count else {
      throw .malformed(file: text.name, place: .wholeFile, reason: "no rows behind the header")
    }
    var names = headerRows > 0 ? rows[headerRows - 1].fields : nil
    if options.headerRows == nil {
      if let note = inference.note(headerRows) { notes.append(note) }
      if names == nil, leadingComment != nil, let commented = start.commentedNames(delimiter),
        commented.count == first.fields.count
      {
        names = commented
        notes.append("the comment above the data names the columns")
      }
    }
    columnNames = (names ?? first.fields.map { _ in "" }).enumerated().map {
      $1.isEmpty ? "column_\($0)" : $1
    }
    isFirstUnnamed = headerRows > 0 && ["", "Unnamed: 0"].contains(names?.first ?? "-")
  }

  /// A published file, which has so many columns.
  init(
    _ path: String, name: String? = nil, columns: Int, options: TableOptions, limits: DatasetLimits
  ) throws(DatasetError) {
    try self.init(path, name: name, options: options, limits: limits)
    guard self.columns == columns else {
      throw .malformed(
        file: self.name, place: .row(1), reason: "\(self.columns) fields, expected are \(columns)")
    }
  }

  /// Whether the header has no name for the first column, as where an index was written with the data.
  let isFirstUnnamed: Bool

  /// What is told of how the file is written.
  var commentMark: String? {
    (comment ?? leadingComment).map { String(UnicodeScalar($0)) }
  }

  private static func byte(_ character: Character?, _ option: String) throws(DatasetError) -> UInt8? {
    guard let character else { return nil }
    guard let byte = character.asciiValue, byte != 10, byte != 13, byte != 34 else {
      throw .invalidOption(option: option, value: "'\(character)'", allowed: "one ASCII character")
    }
    return byte
  }

  private static func reader(
    _ text: TableText, _ delimiter: UInt8, comment: UInt8?, leadingComment: UInt8?, skipsFirst: Bool
  ) throws(DatasetError) -> DelimitedReader {
    var reader = DelimitedReader(
      try text.reader(), delimiter: delimiter, comment: comment, leadingComment: leadingComment,
      limits: text.limits)
    if skipsFirst { try reader.skipLine() }
    return reader
  }

  /// Rows that show what the file is: enough of them that a word of the header would occur again were it data.
  private static func firstRows(_ reader: DelimitedReader) throws(DatasetError) -> [SampledRow] {
    var reader = reader
    var rows: [SampledRow] = []
    var bytes = 0
    while rows.count < 1_101, bytes < 8 << 20 || rows.count < 2, try reader.next() {
      let fields = (0..<reader.count).map { String(decoding: reader[$0], as: UTF8.self) }
      bytes += fields.reduce(0) { $0 + $1.utf8.count + 16 }
      rows.append(SampledRow(line: reader.row, fields: fields))
    }
    return rows
  }

  /// Calls `body` for every row of data with its number from 0; gives whether any field was quoted.
  @discardableResult
  func forEachRow(
    _ body: (inout DelimitedReader, Int) throws(DatasetError) -> Void
  ) throws(DatasetError) -> Bool {
    var table = try Self.reader(
      text, delimiter, comment: comment, leadingComment: leadingComment, skipsFirst: statesDelimiter)
    var number = -headerRows
    while try table.next() {
      defer { number += 1 }
      guard number >= 0 else { continue }
      guard table.count == columns else {
        throw .malformed(
          file: name, place: .row(table.row),
          reason: "\(table.count) fields where the first row has \(columns)")
      }
      try body(&table, number)
    }
    return table.sawQuote
  }
}

/// A row near the beginning.
struct SampledRow {
  let line: Int
  let fields: [String]
}
