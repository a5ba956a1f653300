import Compute

/// How the rows of a table become samples: inputs column by column, and the label.
struct TableSchema {
  enum Column {
    /// What stands for a missing value, and whether a further input marks it.
    case numeric(missing: Double, indicator: Bool)
    /// Where each category stands; `missing` is what a missing value counts as.
    case categorical(positions: [[UInt8]: Int], missing: [UInt8])
    case ignored
  }

  let columns: [Column]
  let cells: TableCells
  let classNames: [String]
  private let classPositions: [[UInt8]: Int32]
  let featureNames: [String]
  /// Inputs that each column becomes.
  let widths: [Int]
  private let classKeys: ClassKeys

  var width: Int { featureNames.count }

  init(
    _ table: TableFile, _ cells: TableCells, _ statistics: ColumnStatistics, classKeys: ClassKeys
  ) throws(DatasetError) {
    self.classKeys = classKeys
    self.cells = cells
    var columns: [Column] = []
    var names: [String] = []
    var widths: [Int] = []
    for column in 0..<table.columns {
      let before = names.count
      let found = statistics.columns[column]
      let name = table.columnNames[column]
      switch cells.types[column] {
      case .ignored: columns.append(.ignored)
      case .numeric, .boolean, .date:
        let options = cells.plan.options
        let indicator = options.missing == .meanWithIndicator && found.missing > 0
        columns.append(
          .numeric(missing: options.missing == .median ? found.median : found.mean, indicator: indicator))
        names.append(name)
        if indicator { names.append("\(name)=missing") }
      case .categorical:
        var categories = found.categories
        var missing = TableCells.missingCategory
        if cells.plan.categories == .mostFrequent {
          categories[missing] = nil
          let frequent = categories.max {
            $0.value == $1.value ? $1.key.lexicographicallyPrecedes($0.key) : $0.value < $1.value
          }
          missing = frequent?.key ?? missing
        }
        let sorted = categories.keys.sorted { $0.lexicographicallyPrecedes($1) }
        columns.append(
          .categorical(positions: Dictionary(uniqueKeysWithValues: zip(sorted, 0...)), missing: missing))
        names += sorted.map { "\(name)=\(String(decoding: $0, as: UTF8.self))" }
      }
      widths.append(names.count - before)
      guard names.count <= table.limits.columns else {
        let widest = widths.indices.max { widths[$0] < widths[$1] } ?? column
        throw .limitExceeded(
          file: table.name,
          limit:
            "more than \(table.limits.columns) inputs, \(widths[widest]) of them the categories of column "
            + "'\(table.columnNames[widest])' (\(widest)): name it in ignore_columns")
      }
    }
    guard !names.isEmpty else {
      throw .malformed(
        file: table.name, place: .wholeFile,
        reason: table.columns == 1
          ? "no column but the class: set delimiter where another character than "
            + "'\(String(UnicodeScalar(table.delimiter)))' stands between fields; columns that runs of spaces align, and pairs "
            + "of index:value, aren't read: write them as CSV first" : "no column but the class")
    }
    let classes = try Self.sortedClasses(
      Set(statistics.classes.keys), table, column: table.columnNames[cells.plan.classColumn])
    self.columns = columns
    self.widths = widths
    featureNames = names
    classNames = classes.map { String(decoding: $0, as: UTF8.self) }
    classPositions = Dictionary(uniqueKeysWithValues: zip(classes, (0 as Int32)...))
  }

  /// Classes in order: by value where all are integers, else by their bytes.
  private static func sortedClasses(
    _ classes: Set<[UInt8]>, _ table: TableFile, column: String
  ) throws(DatasetError) -> [[UInt8]] {
    func refuse(_ reason: String) -> DatasetError {
      .malformed(file: table.name, place: .wholeFile, reason: reason)
    }
    guard classes.count > 1 else {
      throw refuse(
        "the class column '\(column)' holds a single class"
          + (classes.first.map { ", '\(String(decoding: $0.prefix(40), as: UTF8.self))'" } ?? "")
          + "; set class_column where another column holds the classes")
    }
    let reader = FieldReader(missing: MissingWords([]))
    var values: [(field: [UInt8], value: Double)] = []
    for field in classes {
      if case .number(let value) = reader(field[...]) { values.append((field, value)) }
    }
    guard values.count == classes.count else {
      return classes.sorted { $0.lexicographicallyPrecedes($1) }
    }
    values.sort { $0.value < $1.value }
    if let broken = values.first(where: { $0.value != $0.value.rounded() }) {
      throw refuse(
        "the class column '\(column)' holds numbers with fractions, such as \(String(decoding: broken.field, as: UTF8.self)); "
          + "it needs names or integers: set class_column where another column holds the classes, or bin the numbers first"
      )
    }
    if let twice = zip(values, values.dropFirst()).first(where: { $0.value == $1.value }) {
      throw refuse("the class \(String(decoding: twice.0.field, as: UTF8.self)) is written in two ways")
    }
    return values.map(\.field)
  }

  /// Adds one row's features to `row`; gives its label.
  func encode(
    _ table: borrowing DelimitedReader, into row: inout [Double]
  ) throws(DatasetError) -> Int32 {
    for column in columns.indices {
      switch columns[column] {
      case .ignored: continue
      case .numeric(let missing, let indicator):
        let value = try cells.number(table, column, file: table.name)
        row.append(value ?? missing)
        if indicator { row.append(value == nil ? 1 : 0) }
      case .categorical(let positions, let missing):
        let start = row.count
        row.append(contentsOf: repeatElement(0, count: positions.count))
        let field = table[column]
        if let position = positions[cells.reader.missing.contains(field) ? missing : Array(field)] {
          row[start + position] = 1
        }
      }
    }
    let field = table[cells.plan.classColumn]
    guard let label = classPositions[classKeys(field)] else {
      throw .malformed(
        file: table.name, place: .row(table.row),
        reason: "the class '\(String(decoding: field.prefix(40), as: UTF8.self))' is in no training row")
    }
    return label
  }

  /// Whether a row is held out: a choice keyed by its number alone, but for those that are `kept`.
  static func isHeldOut(_ row: Int, fraction: Double, kept: Set<Int> = []) -> Bool {
    guard fraction > 0 else { return false }
    var stream = RandomStream(seed: 0, purpose: .partition, index: row)
    return stream.uniform() < fraction && !kept.contains(row)
  }
}
