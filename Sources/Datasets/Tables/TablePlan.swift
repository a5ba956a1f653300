/// What the options say of a table's columns, by position.
struct TablePlan {
  let classColumn: Int
  /// Nil: to be inferred.
  let types: [ColumnType?]
  let classValues: Set<[UInt8]>
  let options: TableOptions

  init(_ table: TableFile, _ options: TableOptions) throws(DatasetError) {
    guard 0..<1 ~= options.testFraction else {
      throw .invalidOption(
        option: "test_fraction", value: "\(options.testFraction)", allowed: "0 to below 1")
    }
    classColumn = try Self.index(of: options.classColumn, in: table, option: "class_column")
    var types = [ColumnType?](repeating: nil, count: table.columns)
    for (reference, type) in options.columnTypes {
      types[try Self.index(of: reference, in: table, option: "column_types")] = type
    }
    for reference in options.ignoredColumns {
      let index = try Self.index(of: reference, in: table, option: "ignore_columns")
      guard index != classColumn else {
        throw .invalidOption(
          option: "ignore_columns", value: "'\(table.columnNames[index])'",
          allowed: "columns that don't hold the class")
      }
      types[index] = .ignored
    }
    self.types = types
    self.options = options
    classValues = Set(options.classValues.map { Array($0.utf8) })
  }

  /// The column's position; `option` is who names it.
  static func index(
    of reference: ColumnReference, in table: TableFile, option: String
  ) throws(DatasetError) -> Int {
    switch reference {
    case .name(let name):
      let found = table.columnNames.indices.filter { table.columnNames[$0] == name }
      guard found.count < 2 else {
        throw .invalidOption(
          option: option,
          value: "'\(name)', which names the columns \(found.map(String.init).joined(separator: " and "))",
          allowed: "a name that one column has, or a position from 0")
      }
      guard let index = found.first else {
        throw .invalidOption(
          option: option, value: "'\(name)'", allowed: "one of \(shortList(table.columnNames))")
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

  /// Whether a class cell is a class.
  func isClass(_ field: ArraySlice<UInt8>, _ missing: MissingWords) -> Bool {
    !missing.contains(field) || !classValues.isEmpty && classValues.contains(Array(field))
  }

  /// Whether the rows with a missing category go, and those with a missing number.
  var dropsNumbers: Bool { options.missing == .dropRow }
  var categories: MissingCategoryTreatment {
    options.missingCategories
      ?? (options.missing == .dropRow ? .dropRow : options.missing == .refuse ? .refuse : .category)
  }
}
