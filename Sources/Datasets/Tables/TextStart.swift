/// The first lines of a delimited text: a stated delimiter, comments, and the delimiter that splits them alike.
struct TextStart {
  private let lines: [[UInt8]]
  private let isCut: Bool
  /// Of a first line `sep=;`, as spreadsheets write.
  let statedDelimiter: UInt8?

  init(_ text: TableText) throws(DatasetError) {
    var reader = try text.reader()
    var start: [UInt8] = []
    while start.count < 1 << 16 {
      let more = try reader.some(atMost: 1 << 16 - start.count)
      if more.isEmpty { break }
      start += more
    }
    isCut = start.count == 1 << 16
    var lines = start.split(whereSeparator: { $0 == 10 || $0 == 13 }).map(Array.init)
    statedDelimiter = lines.first.flatMap(Self.stated)
    if statedDelimiter != nil { lines.removeFirst() }
    self.lines = lines
  }

  private static func stated(_ line: [UInt8]) -> UInt8? {
    let bare = line.filter { $0 != UInt8(ascii: "\"") }
    guard bare.count == 5, bare.prefix(4).map({ $0 | 0x20 }) == Array("sep".utf8) + [UInt8(ascii: "=") | 0x20]
    else {
      return nil
    }
    return bare[4]
  }

  /// Whether the text begins with lines that `#` marks as comments. Where all lines start so it is part of the data.
  var beginsWithComments: Bool {
    lines.first?.first == UInt8(ascii: "#") && lines.contains { $0.first != UInt8(ascii: "#") }
  }

  /// The last line of the comments above the data as names of columns.
  func commentedNames(_ delimiter: UInt8) -> [String]? {
    guard let last = lines.prefix(while: { $0.first == UInt8(ascii: "#") }).last else { return nil }
    return last.drop { $0 == UInt8(ascii: "#") || $0 == 32 }
      .split(separator: delimiter, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self).trimmingSpaces }
  }

  /// Of comma, semicolon, tab and vertical bar the one that splits most lines into the same number of fields; of several
  /// the one with most numbers among the fields, then with most fields.
  var delimiter: UInt8 {
    if let statedDelimiter { return statedDelimiter }
    var shown = lines.drop { beginsWithComments && $0.first == UInt8(ascii: "#") }
    // The last line may be cut.
    if isCut, shown.count > 1 { shown = shown.dropLast() }
    let sample = Array(shown.prefix(50))
    let comma = UInt8(ascii: ",")
    let candidates = [comma, UInt8(ascii: ";"), 9, UInt8(ascii: "|")]
    let scores = candidates.map { Score(sample, $0) }
    let best = zip(candidates, scores).reduce((comma, scores[0])) { best, next in
      next.1.isBetter(than: best.1) ? next : best
    }
    return best.0
  }

  private struct Score {
    private var agreeing = 0
    private var numbers = 0
    private var fields = 0

    init(_ lines: [[UInt8]], _ delimiter: UInt8) {
      let split = lines.map { Self.fields($0, delimiter) }
      let counts = Dictionary(split.map { ($0.count, 1) }, uniquingKeysWith: +).filter { $0.key > 1 }
      guard let common = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { return }
      agreeing = common.value
      fields = common.key
      let reader = FieldReader()
      numbers = split.filter { $0.count == common.key }.reduce(0) { total, row in
        total
          + row.count { field in
            if case .number = reader(field) { return true }
            return TextForm(field).isNumeric
          }
      }
    }

    func isBetter(than other: Score) -> Bool {
      (agreeing, numbers, fields) > (other.agreeing, other.numbers, other.fields)
    }

    /// The fields of a line, delimiters within quotes aside.
    private static func fields(_ line: [UInt8], _ delimiter: UInt8) -> [ArraySlice<UInt8>] {
      var fields: [ArraySlice<UInt8>] = []
      var isQuoted = false
      var start = 0
      func add(_ end: Int) {
        var field = line[start..<end]
        while field.first == 32 || field.first == 34 { field.removeFirst() }
        while field.last == 32 || field.last == 34 { field.removeLast() }
        fields.append(field)
      }
      for (position, byte) in line.enumerated() {
        if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
        guard byte == delimiter, !isQuoted else { continue }
        add(position)
        start = position + 1
      }
      add(line.count)
      return fields
    }
  }
}

extension TextForm {
  /// Whether a number is meant, in some way of writing.
  var isNumeric: Bool {
    switch self {
    case .decimalComma, .decimalCommaWithPoints, .thousandsComma, .eitherComma, .grouped, .point: true
    case .word, .boolean, .percent, .currency, .date: false
    }
  }

  /// Whether it is a value rather than a name.
  var isValue: Bool { isNumeric || self == .percent || self == .currency || self == .date }
}

extension StringProtocol {
  fileprivate var trimmingSpaces: String {
    var rest = self[...]
    while rest.first == " " || rest.first == "\"" { rest.removeFirst() }
    while rest.last == " " || rest.last == "\"" { rest.removeLast() }
    return String(rest)
  }
}
