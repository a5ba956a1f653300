/// The values of a table's fields, now that it is known what its columns are.
struct TableCells {
  let plan: TablePlan
  let reader: FieldReader
  let types: [ColumnType]
  private let columnNames: [String]
  /// Whether any row may be left out or refused for a missing value.
  private let watchesMissing: Bool

  /// What a missing category is called.
  static let missingCategory = Array("?".utf8)

  init(_ table: TableFile, _ plan: TablePlan, _ reader: FieldReader, _ types: [ColumnType]) {
    self.plan = plan
    self.reader = reader
    self.types = types
    columnNames = table.columnNames
    watchesMissing =
      [.dropRow, .refuse].contains(plan.options.missing) || [.dropRow, .refuse].contains(plan.categories)
  }

  /// The number in a column that isn't categorical; nil where it is missing.
  func number(_ row: borrowing DelimitedReader, _ column: Int, file: String) throws(DatasetError) -> Double? {
    let field = row[column]
    var value: Double?
    switch types[column] {
    case .boolean:
      value = TextForm.boolean(field).map { $0 ? 1 : 0 }
    case .date:
      value = Dates.days(field)
    default:
      switch reader(field) {
      case .missing: return nil
      case .number(let number): value = number
      case .text: break
      }
    }
    // Inputs are single precision in the end, standardised or not.
    if let value, Float(value).isFinite { return value }
    if reader.missing.contains(field) { return nil }
    let text = String(decoding: field.prefix(40), as: UTF8.self)
    let reason =
      switch types[column] {
      case .boolean: "is neither true nor false"
      case .date: "is no ISO 8601 date, such as 2024-12-31 or 2024-12-31 23:59"
      default: value == nil ? "is no number" : "isn't finite in single precision"
      }
    throw .malformed(
      file: file, place: .row(row.row),
      reason: "'\(text)' in column '\(columnNames[column])' (\(column)) \(reason)")
  }

  /// Whether the row is left out for a missing value; throws where one is to be refused.
  func isDropped(_ row: borrowing DelimitedReader, file: String) throws(DatasetError) -> Bool {
    guard watchesMissing else { return false }
    let hasClass = plan.isClass(row[plan.classColumn], reader.missing)
    var isDropped = plan.dropsNumbers && !hasClass
    for column in types.indices where types[column] != .ignored {
      let field = row[column]
      guard reader.missing.contains(field) else { continue }
      let isCategory = types[column] == .categorical
      if isCategory ? plan.categories == .refuse : plan.options.missing == .refuse {
        throw .malformed(
          file: file, place: .row(row.row),
          reason: "a missing value in column '\(columnNames[column])' (\(column)), which "
            + (isCategory && plan.options.missingCategories != nil ? "missing_categories" : "missing")
            + " refuses")
      }
      if isCategory ? plan.categories == .dropRow : plan.dropsNumbers { isDropped = true }
    }
    return isDropped
  }
}
