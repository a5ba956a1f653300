/// How many rows precede the data, from the first rows. What isn't certain is refused.
struct HeaderInference {
  private enum Cell {
    case missing, value, word
  }

  private let file: String
  private let rows: [SampledRow]
  private let cells: [[Cell]]
  private let options: TableOptions

  init(file: String, rows: [SampledRow], options: TableOptions) {
    self.file = file
    self.rows = rows
    self.options = options
    let reader = FieldReader(missing: MissingWords(options.missingValues))
    cells = rows.map { row in
      row.fields.map { text in
        let field = Array(text.utf8)[...]
        switch reader(field) {
        case .missing: return .missing
        case .number(let value): return value.isFinite ? .value : .word
        case .text: return TextForm(field).isValue ? .value : .word
        }
      }
    }
  }

  private func refuse(_ row: Int, _ reason: String) -> DatasetError {
    .malformed(file: file, place: .row(rows[row].line), reason: reason)
  }

  /// Header rows.
  func count() throws(DatasetError) -> Int {
    guard rows.count > 1 else { return 0 }
    try refuseTitles()
    let leading = cells.prefix { !$0.contains(.value) }.count
    if leading == rows.count { return try amongWords() }
    return leading == 0 ? try amongValues() : try behindWords(leading)
  }

  /// What is to be told of so many header rows.
  func note(_ count: Int) -> String? {
    guard rows.count > 1 else { return nil }
    if count > 1 { return "\(count) rows of names precede the data; the last of them names the columns" }
    guard count == 1 else { return nil }
    if !cells[0].contains(.value), !cells.contains(where: { $0.contains(.value) }), namedReference == nil {
      return "row \(rows[0].line) is taken for the header: its words occur nowhere below"
    }
    return cells[0].contains(.value) ? "row \(rows[0].line) is taken for the header, numbers and all" : nil
  }

  /// A first row of fewer fields than all others is a title, or names that leave one out.
  private func refuseTitles() throws(DatasetError) {
    let counts = rows.prefix(100).map(\.fields.count)
    guard let last = counts.last, counts[0] != last else { return }
    let titles = counts.prefix { $0 != last }.count
    guard titles <= 20, counts.count - titles >= 2, counts.dropFirst(titles).allSatisfy({ $0 == last }) else {
      return
    }
    throw refuse(
      0,
      "\(counts[0]) fields where the rows behind have \(last): where it is a title, set header_rows to \(titles + 1), "
        + "the number of rows up to the names of the columns (to \(titles) where there are none); where it names the "
        + "columns, a name is missing")
  }

  /// Columns that hold values from a row on.
  private func valueColumns(from start: Int) -> [Int] {
    guard start < cells.count else { return [] }
    let width = cells[start].count
    return (0..<width).filter { column in
      // The header once more is no data, and a stray word among the numbers is judged later.
      let below = zip(cells, rows).dropFirst(start).compactMap { cells, row in
        cells.indices.contains(column) && (start == 0 || row.fields != rows[0].fields) ? cells[column] : nil
      }
      let values = below.count { $0 == .value }
      return values > 0 && below.count { $0 == .word } * 2 < values
    }
  }

  /// The first rows hold no value, those behind them do.
  private func behindWords(_ leading: Int) throws(DatasetError) -> Int {
    let columns = valueColumns(from: leading)
    guard !columns.isEmpty else { return try amongWords() }
    var headers = 0
    while headers < leading {
      let row = cells[headers]
      let words = columns.count { row.indices.contains($0) && row[$0] == .word }
      // A row whose numbers are missing is data.
      if words == 0 { break }
      guard words == columns.count || headers == 0 else {
        throw refuse(
          headers,
          "words in \(words) of \(columns.count) columns of numbers: set header_rows to \(headers) where it is data, "
            + "to \(headers + 1) where it is a header")
      }
      headers += 1
    }
    guard headers > 0 else {
      throw refuse(
        0,
        "nothing but missing values in the columns of numbers: set header_rows to 0 where it is data, else to 1"
      )
    }
    // Two rows of names are certain where they stand above several columns of numbers; a single word may be a mistake.
    guard headers < 2 || columns.count >= 2 else {
      throw refuse(
        1,
        "words above numbers in a second row: set header_rows to 2 where it names the columns, to 1 where it is data"
      )
    }
    guard headers <= 2 else {
      throw refuse(
        0,
        "\(headers) rows of words precede the numbers: set header_rows to how many are no data (the last names the "
          + "columns)")
    }
    return headers
  }

  /// The first row holds values: names are values too where they are years, or the positions that pandas writes.
  private func amongValues() throws(DatasetError) -> Int {
    let fields = rows[0].fields
    let width = fields.count
    let counting = { (start: Int, texts: ArraySlice<String>) in
      texts.enumerated().allSatisfy { $1 == String($0 + start) }
    }
    if width > 1, fields[0].isEmpty, counting(0, fields[1...]) { return 1 }
    let words = valueColumns(from: 1).filter { $0 < width && cells[0][$0] == .word }
    guard !words.isEmpty else {
      guard width >= 3, counting(0, fields[...]) || counting(1, fields[...]) else { return 0 }
      throw refuse(
        0,
        "\(fields.prefix(5).joined(separator: ", ")), … may number the columns or be data: set header_rows to 1 or 0"
      )
    }
    let numbers = cells[0].indices.filter { cells[0][$0] == .value }.compactMap { Int(fields[$0]) }
    let steps = Set(zip(numbers, numbers.dropFirst()).map { $1 - $0 })
    let isCounted = numbers.count == cells[0].count { $0 == .value } && numbers.count > 1 && steps.count == 1
    if isCounted, let step = steps.first, step > 0, Set(fields).count == width { return 1 }
    let column = words[0]
    throw refuse(
      0,
      "'\(fields[column].prefix(40))' stands above numbers: set header_rows to 1 where the row names the columns; to 0 "
        + "where it is data, with the word in missing_values or the column's type in column_types")
  }

  /// An option that names a column of the first row.
  private var namedReference: String? {
    let references = [options.classColumn] + Array(options.columnTypes.keys) + options.ignoredColumns
    for case .name(let name) in references where rows[0].fields.contains(name) { return name }
    return nil
  }

  /// No column holds values alone: the first row is the header where its words occur nowhere below.
  private func amongWords() throws(DatasetError) -> Int {
    if namedReference != nil { return 1 }
    // One field a row is refused for that.
    if rows.allSatisfy({ $0.fields.count == 1 }) { return 0 }
    let first = rows[0].fields
    var telling = 0
    var again = 0
    for column in first.indices {
      let below = rows.dropFirst().compactMap { $0.fields.indices.contains(column) ? $0.fields[column] : nil }
      let counts = Dictionary(below.map { ($0, 1) }, uniquingKeysWith: +)
      // Words that rarely occur twice show nothing.
      guard counts.count * 2 <= below.count else { continue }
      telling += 1
      if counts[first[column]] != nil { again += 1 }
    }
    if telling > 0, again == telling { return 0 }
    if telling > 0, again == 0, !cells[0].contains(.missing) { return 1 }
    throw refuse(
      0, "it isn't certain whether the row names the columns: set header_rows to 1 where it does, else to 0")
  }
}
