/// A delimited text file that can be read as often as needed.
struct TableFile {
  let path: String
  /// The name in messages.
  let name: String
  let delimiter: UInt8
  let headerRows: Int
  let columnNames: [String]
  let limits: DatasetLimits
  /// Rows that start with this byte are skipped.
  var comment: UInt8?

  var columns: Int { columnNames.count }

  init(
    _ path: String, name: String? = nil, delimiter: Character?, headerRows: HeaderRows, comment: UInt8? = nil,
    limits: DatasetLimits
  ) throws(DatasetError) {
    self.path = path
    self.name = name ?? path
    self.limits = limits
    self.comment = comment
    if let delimiter {
      guard let byte = delimiter.asciiValue, byte != 10, byte != 13, byte != 34 else {
        throw .invalidOption(option: "delimiter", value: "'\(delimiter)'", allowed: "one ASCII character")
      }
      self.delimiter = byte
    } else {
      self.delimiter = try Self.likelyDelimiter(path, limits)
    }
    let start = try Self.firstRows(path, self.delimiter, comment, limits)
    guard let first = start.first else {
      throw .malformed(file: self.name, place: .wholeFile, reason: "no rows")
    }
    self.headerRows = headerRows.count(start)
    guard self.headerRows < start.count else {
      throw .malformed(file: self.name, place: .wholeFile, reason: "no rows behind the header")
    }
    let names = self.headerRows > 0 ? start[self.headerRows - 1] : first.indices.map { "column_\($0)" }
    columnNames = names.enumerated().map { $1.isEmpty ? "column_\($0)" : $1 }
  }

  /// How many rows precede the data.
  enum HeaderRows {
    case exactly(Int)
    /// One where no field of the first row is a number and a field of the second is.
    case inferred
    /// As many as have no number at their end, three at most.
    case untilNumberAtEnd

    fileprivate func count(_ rows: [[String]]) -> Int {
      func isNumber(_ text: String) -> Bool {
        if case .number = FieldValue(Array(text.utf8)[...]) { true } else { false }
      }
      switch self {
      case .exactly(let count): return count
      case .inferred:
        guard rows.count > 1 else { return 0 }
        return !rows[0].contains(where: isNumber) && rows[1].contains(where: isNumber) ? 1 : 0
      case .untilNumberAtEnd:
        return rows.prefix(3).prefix { !isNumber($0.last ?? "") }.count
      }
    }
  }

  private static func likelyDelimiter(_ path: String, _ limits: DatasetLimits) throws(DatasetError) -> UInt8 {
    var reader = try ByteReader(file: try File(path, .read), limits: limits)
    let line = try reader.some(atMost: 1 << 16).prefix { $0 != 10 && $0 != 13 }
    func occurrences(_ byte: UInt8) -> Int { line.count { $0 == byte } }
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), 9]
    return candidates.dropFirst().reduce(candidates[0]) { occurrences($1) > occurrences($0) ? $1 : $0 }
  }

  /// The first rows as text; as many as headers can be, and one.
  private static func firstRows(
    _ path: String, _ delimiter: UInt8, _ comment: UInt8?, _ limits: DatasetLimits
  ) throws(DatasetError) -> [[String]] {
    let reader = try ByteReader(file: try File(path, .read), limits: limits)
    var table = try DelimitedReader(reader, delimiter: delimiter, limits: limits)
    var rows: [[String]] = []
    while rows.count < 101, try table.next() {
      if let comment, table[0].first == comment { continue }
      rows.append((0..<table.count).map { String(decoding: table[$0], as: UTF8.self) })
    }
    return rows
  }

  /// Calls `body` for every row of data with its number from 0.
  func forEachRow(
    _ body: (inout DelimitedReader, Int) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let reader = try ByteReader(file: try File(path, .read, shownAs: name), limits: limits)
    var table = try DelimitedReader(reader, delimiter: delimiter, limits: limits)
    var number = -headerRows
    while try table.next() {
      if let comment, table[0].first == comment { continue }
      defer { number += 1 }
      guard number >= 0 else { continue }
      guard table.count == columns else {
        throw .malformed(
          file: name, place: .row(table.row),
          reason: "\(table.count) fields where the first row has \(columns)")
      }
      try body(&table, number)
    }
  }
}
