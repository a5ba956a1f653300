import Compute

/// What the columns of a table mean: found in two passes over its training rows.
struct TableSchema {
  enum Column {
    case numeric(mean: Double)
    /// Categories in order of their bytes, and where each stands.
    case categorical(names: [String], positions: [[UInt8]: Int])
    case ignored
  }

  let columns: [Column]
  let classColumn: Int
  let classNames: [String]
  private let classPositions: [[UInt8]: Int32]
  let featureNames: [String]
  /// A byte that may follow class names and doesn't count.
  let classSuffix: UInt8?

  var width: Int { featureNames.count }

  init(_ table: TableFile, _ options: TableOptions, classSuffix: UInt8? = nil) throws(DatasetError) {
    self.classSuffix = classSuffix
    classColumn = try Self.index(of: options.classColumn, in: table, option: "class_column")
    var types = [ColumnType?](repeating: nil, count: table.columns)
    for (reference, type) in options.columnTypes {
      types[try Self.index(of: reference, in: table, option: "column_types")] = type
    }
    guard 0..<1 ~= options.testFraction else {
      throw .invalidOption(
        option: "test_fraction", value: "\(options.testFraction)", allowed: "0 to below 1")
    }
    let survey = try ColumnSurvey(table, types, classColumn: classColumn, options: options)
    let census = try CategoryCensus(table, survey, classColumn: classColumn, options: options, classSuffix)
    var columns: [Column] = []
    var names: [String] = []
    for column in 0..<table.columns {
      if column == classColumn || types[column] == .ignored {
        columns.append(.ignored)
      } else if survey.isNumeric[column] {
        columns.append(.numeric(mean: survey.sums[column] / Double(max(1, survey.present[column]))))
        names.append(table.columnNames[column])
      } else {
        let sorted = census.categories[column].sorted { $0.lexicographicallyPrecedes($1) }
        let texts = sorted.map { String(decoding: $0, as: UTF8.self) }
        let positions = Dictionary(uniqueKeysWithValues: zip(sorted, 0...))
        columns.append(.categorical(names: texts, positions: positions))
        names += texts.map { "\(table.columnNames[column])=\($0)" }
      }
      guard names.count <= table.limits.columns else {
        throw .limitExceeded(file: table.name, limit: "more than \(table.limits.columns) encoded columns")
      }
    }
    guard !names.isEmpty else {
      throw .malformed(file: table.name, place: .wholeFile, reason: "no column but the class")
    }
    let classes = try Self.sortedClasses(census.classes, file: table.name)
    self.columns = columns
    featureNames = names
    classNames = classes.map { String(decoding: $0, as: UTF8.self) }
    classPositions = Dictionary(uniqueKeysWithValues: zip(classes, (0 as Int32)...))
  }

  /// The column's position; `option` is who names it.
  static func index(
    of reference: ColumnReference, in table: TableFile, option: String
  ) throws(DatasetError) -> Int {
    switch reference {
    case .name(let name):
      guard let index = table.columnNames.firstIndex(of: name) else {
        throw .invalidOption(
          option: option, value: "'\(name)'",
          allowed: "one of \(table.columnNames.prefix(20).joined(separator: ", "))")
      }
      return index
    case .position(let position):
      guard -table.columns..<table.columns ~= position else {
        throw .invalidOption(
          option: option, value: "\(position)", allowed: "\(-table.columns) to \(table.columns - 1)")
      }
      return position < 0 ? position + table.columns : position
    }
  }

  /// Classes in order: by value where all are integers, else by their bytes.
  private static func sortedClasses(_ classes: Set<[UInt8]>, file: String) throws(DatasetError) -> [[UInt8]] {
    guard classes.count > 1 else {
      throw .malformed(file: file, place: .wholeFile, reason: "the class column holds a single class")
    }
    var values: [(field: [UInt8], value: Double)] = []
    for field in classes {
      if case .number(let value) = FieldValue(field[...]) { values.append((field, value)) }
    }
    guard values.count == classes.count else {
      return classes.sorted { $0.lexicographicallyPrecedes($1) }
    }
    guard values.allSatisfy({ $0.value == $0.value.rounded() }) else {
      throw .malformed(
        file: file, place: .wholeFile,
        reason: "the class column holds numbers with fractions; it needs names or integers")
    }
    values.sort { $0.value < $1.value }
    if let twice = zip(values, values.dropFirst()).first(where: { $0.value == $1.value }) {
      throw .malformed(
        file: file, place: .wholeFile,
        reason: "the class \(String(decoding: twice.0.field, as: UTF8.self)) is written in two ways")
    }
    return values.map(\.field)
  }

  /// The field without the suffix.
  static func classKey(_ field: ArraySlice<UInt8>, _ suffix: UInt8?) -> [UInt8] {
    Array(field.last == suffix ? field.dropLast() : field)
  }

  /// Adds one row's features to `row`; gives its label.
  func encode(_ table: borrowing DelimitedReader, into row: inout [Double]) throws(DatasetError) -> Int32 {
    for column in columns.indices {
      switch columns[column] {
      case .ignored: continue
      case .numeric(let mean): row.append(try number(table, column, mean))
      case .categorical(let names, let positions):
        let start = row.count
        row.append(contentsOf: repeatElement(0, count: names.count))
        if let position = positions[Self.category(table[column])] { row[start + position] = 1 }
      }
    }
    guard let label = classPositions[Self.classKey(table[classColumn], classSuffix)] else {
      throw .malformed(
        file: table.name, place: .row(table.row),
        reason:
          "the class '\(String(decoding: table[classColumn].prefix(40), as: UTF8.self))' is in no training row"
      )
    }
    return label
  }

  private func number(
    _ table: borrowing DelimitedReader, _ column: Int, _ mean: Double
  ) throws(DatasetError) -> Double {
    let value: Double
    switch FieldValue(table[column]) {
    case .missing: value = mean
    case .number(let number): value = number
    case .text:
      throw .malformed(
        file: table.name, place: .row(table.row), reason: "text in column \(column), which holds numbers")
    }
    // Inputs are single precision in the end, standardised or not.
    guard Float(value).isFinite else {
      throw .malformed(
        file: table.name, place: .row(table.row),
        reason: "a value in column \(column) that isn't finite in single precision")
    }
    return value
  }

  /// A missing value is the category `?`.
  static func category(_ field: ArraySlice<UInt8>) -> [UInt8] {
    if case .missing = FieldValue(field) { Array("?".utf8) } else { Array(field) }
  }

  /// Whether a row is held out: a choice keyed by its number alone.
  static func isHeldOut(_ row: Int, fraction: Double) -> Bool {
    guard fraction > 0 else { return false }
    var stream = RandomStream(seed: 0, purpose: .partition, index: row)
    return stream.uniform() < fraction
  }
}

/// First pass: which columns are numbers in every training row, and their sums.
private struct ColumnSurvey {
  var isNumeric: [Bool]
  var sums: [Double]
  var present: [Int]

  init(
    _ table: TableFile, _ types: [ColumnType?], classColumn: Int, options: TableOptions
  ) throws(DatasetError) {
    let columns = table.columns
    var isNumeric = types.map { $0 == nil || $0 == .numeric }
    var sums = [Double](repeating: 0, count: columns)
    var present = [Int](repeating: 0, count: columns)
    isNumeric[classColumn] = false
    try table.forEachRow { (row: inout DelimitedReader, number: Int) throws(DatasetError) in
      guard !TableSchema.isHeldOut(number, fraction: options.testFraction) else { return }
      for column in 0..<columns where isNumeric[column] {
        switch FieldValue(row[column]) {
        case .missing: break
        case .number(let value):
          guard value.isFinite else {
            throw .malformed(
              file: table.name, place: .row(row.row), reason: "a value in column \(column) that isn't finite")
          }
          sums[column] += value
          present[column] += 1
        case .text:
          guard types[column] == nil else {
            throw .malformed(
              file: table.name, place: .row(row.row), reason: "text in column \(column), which holds numbers")
          }
          isNumeric[column] = false
        }
      }
    }
    for column in 0..<columns where isNumeric[column] && types[column] == nil && present[column] == 0 {
      // A column without a single value says nothing; as a category it is one constant.
      isNumeric[column] = false
    }
    self.isNumeric = isNumeric
    self.sums = sums
    self.present = present
  }
}

/// Second pass: the categories of the other columns, and the classes.
private struct CategoryCensus {
  var categories: [Set<[UInt8]>]
  var classes: Set<[UInt8]> = []

  init(
    _ table: TableFile, _ survey: ColumnSurvey, classColumn: Int, options: TableOptions, _ suffix: UInt8?
  ) throws(DatasetError) {
    var categories = [Set<[UInt8]>](repeating: [], count: table.columns)
    var classes: Set<[UInt8]> = []
    let limits = table.limits
    var ignored = Set<Int>()
    for (reference, type) in options.columnTypes where type == .ignored {
      ignored.insert(try TableSchema.index(of: reference, in: table, option: "column_types"))
    }
    let collected = (0..<table.columns).filter {
      !survey.isNumeric[$0] && $0 != classColumn && !ignored.contains($0)
    }
    try table.forEachRow { (row: inout DelimitedReader, number: Int) throws(DatasetError) in
      guard !TableSchema.isHeldOut(number, fraction: options.testFraction) else { return }
      for column in collected {
        categories[column].insert(TableSchema.category(row[column]))
        guard categories[column].count <= limits.categories else {
          throw .limitExceeded(
            file: table.name,
            limit:
              "column \(column) holds text with more than \(limits.categories) values; set its type to ignored"
          )
        }
      }
      if case .missing = FieldValue(row[classColumn]) {
        throw .malformed(file: table.name, place: .row(row.row), reason: "no class")
      }
      classes.insert(TableSchema.classKey(row[classColumn], suffix))
      guard classes.count <= limits.classes else {
        throw .limitExceeded(file: table.name, limit: "more than \(limits.classes) classes")
      }
    }
    self.categories = categories
    self.classes = classes
  }
}
