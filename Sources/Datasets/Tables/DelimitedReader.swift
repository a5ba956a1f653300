/// Rows of a delimited text file (RFC 4180): fields between delimiters, quotes around fields that hold
/// delimiters, quotes (doubled) or line ends; LF, CRLF or CR. Spaces around unquoted fields don't count, blank
/// lines are skipped, and so are comments.
struct DelimitedReader {
  private var reader: ByteReader
  private let delimiter: UInt8
  private let limits: DatasetLimits
  private var chunk: ArraySlice<UInt8> = []
  /// The current row's line, counted from 1.
  private(set) var row = 0
  private var nextLine = 1
  private var text: [UInt8] = []
  private var ends: [Int] = []
  /// What begins a line that isn't data.
  private let comment: UInt8?
  /// The same, above the first row alone.
  private var leadingComment: UInt8?
  /// Whether any field was quoted.
  private(set) var sawQuote = false

  init(
    _ reader: ByteReader, delimiter: UInt8, comment: UInt8? = nil, leadingComment: UInt8? = nil,
    limits: DatasetLimits
  ) {
    self.reader = reader
    self.delimiter = delimiter
    self.comment = comment
    self.leadingComment = leadingComment
    self.limits = limits
  }

  var name: String { reader.name }
  /// Fields in the current row.
  var count: Int { ends.count }
  /// Field `index` of the current row.
  subscript(index: Int) -> ArraySlice<UInt8> {
    text[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  private mutating func peek() throws(DatasetError) -> UInt8? {
    if chunk.isEmpty { chunk = try reader.some() }
    return chunk.first
  }

  /// Goes to the next row; false at the end.
  mutating func next() throws(DatasetError) -> Bool {
    repeat {
      guard let first = try peek() else { return false }
      if first == comment || first == leadingComment {
        try skipLine()
        (text, ends) = ([], [0])
        continue
      }
      try readRow()
    } while ends.count == 1 && text.isEmpty
    leadingComment = nil
    return true
  }

  /// Skips what is left of the line.
  mutating func skipLine() throws(DatasetError) {
    while try peek() != nil {
      guard let end = chunk.firstIndex(where: { $0 == 10 || $0 == 13 }) else {
        chunk = []
        continue
      }
      let byte = chunk[end]
      chunk = chunk[(end + 1)...]
      if byte == 13, try peek() == 10 { chunk.removeFirst() }
      break
    }
    nextLine += 1
  }

  private mutating func readRow() throws(DatasetError) {
    row = nextLine
    text.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    while true {
      var byte = try peek()
      while byte == 32 && delimiter != 32 || byte == 9 && delimiter != 9 {
        chunk.removeFirst()
        byte = try peek()
      }
      let terminator =
        byte == UInt8(ascii: "\"") ? try readQuoted() : try readPlain(from: ends.last ?? 0)
      ends.append(text.count)
      guard ends.count <= limits.columns else {
        throw .limitExceeded(file: name, limit: "row \(row) has more than \(limits.columns) columns")
      }
      if terminator != delimiter { break }
    }
    nextLine += 1
  }

  /// Takes bytes up to a delimiter or line end, which it gives; nil at the end of the file.
  private mutating func readPlain(from start: Int) throws(DatasetError) -> UInt8? {
    var terminator: UInt8?
    scan: while try peek() != nil {
      var taken = 0
      for byte in chunk {
        if byte == delimiter || byte == 10 || byte == 13 {
          text.append(contentsOf: chunk.prefix(taken))
          chunk.removeFirst(taken + 1)
          terminator = byte
          break scan
        }
        taken += 1
      }
      text.append(contentsOf: chunk)
      chunk = []
      try checkLength()
    }
    while text.count > start, text.last == 32 || text.last == 9 { text.removeLast() }
    if terminator == 13, try peek() == 10 { chunk.removeFirst() }
    return terminator
  }

  private mutating func readQuoted() throws(DatasetError) -> UInt8? {
    sawQuote = true
    chunk.removeFirst()
    while true {
      guard let byte = try peek() else {
        throw .malformed(file: name, place: .row(row), reason: "a quote that is never closed")
      }
      chunk.removeFirst()
      if byte == 10 { nextLine += 1 }
      if byte == UInt8(ascii: "\"") {
        guard try peek() == UInt8(ascii: "\"") else { break }
        chunk.removeFirst()
      }
      text.append(byte)
      try checkLength()
    }
    while let byte = try peek() {
      chunk.removeFirst()
      switch byte {
      case delimiter, 10: return byte
      case 13:
        if try peek() == 10 { chunk.removeFirst() }
        return byte
      case 32: continue
      default:
        throw .malformed(
          file: name, place: .row(row),
          reason: "text after a closing quote: set delimiter to what stands between fields (it is taken for "
            + "\(delimiter == 9 ? "a tab" : "'\(String(UnicodeScalar(delimiter)))'")), or double the quotes within one"
        )
      }
    }
    return nil
  }

  private func checkLength() throws(DatasetError) {
    guard text.count <= limits.rowBytes else {
      throw .limitExceeded(file: name, limit: "row \(row) is longer than \(limits.rowBytes) bytes")
    }
  }
}
