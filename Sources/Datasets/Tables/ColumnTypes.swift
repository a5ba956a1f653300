/// What each column is taken for. What isn't certain is refused with the row, the value and the remedy.
struct ColumnTypes {
  /// By position; the class column is `ignored`.
  let types: [ColumnType]
  /// Columns left out, and readings chosen among several.
  private(set) var warnings: [DatasetWarning] = []

  private let table: TableFile

  init(_ table: TableFile, _ survey: ColumnSurvey, _ plan: TablePlan) throws(DatasetError) {
    self.table = table
    var types: [ColumnType] = []
    var warnings: [DatasetWarning] = []
    for index in 0..<table.columns {
      let column = survey.columns[index]
      let name = table.columnNames[index]
      if index == plan.classColumn {
        types.append(.ignored)
      } else if let stated = plan.types[index] {
        types.append(stated)
        try Self.check(column, stated, table, index)
      } else if index == 0, table.isFirstUnnamed, column.isCounting(survey.rows) {
        types.append(.ignored)
        warnings.append(
          DatasetWarning(
            kind: .columnLeftOut, detail: "the first column has no name and counts the rows: it is left out"))
      } else {
        let type = try Self.inferred(column, table, index)
        types.append(type)
        if type == .numeric, column.isCounting(survey.rows) {
          warnings.append(
            DatasetWarning(
              kind: .inferred,
              detail: "the column '\(name)' counts the rows and is an input: ignore_columns leaves it out"))
        }
        if type == .categorical, column.numbers > 0 {
          warnings.append(
            DatasetWarning(
              kind: .inferred,
              detail:
                "the column '\(name)' holds \(column.numbers) numbers among \(column.texts) words: all are categories"
            ))
        }
      }
    }
    self.types = types
    self.warnings = warnings
  }

  private static func refused(
    _ table: TableFile, _ index: Int, _ example: ColumnSurvey.Example?, _ reason: String
  ) -> DatasetError {
    let value = example.map { "'\($0.text)' in " } ?? ""
    return .malformed(
      file: table.name, place: example.map { .row($0.row) } ?? .wholeFile,
      reason: "\(value)column '\(table.columnNames[index])' (\(index)): \(reason)")
  }

  private static func inferred(
    _ column: ColumnSurvey.Column, _ table: TableFile, _ index: Int
  ) throws(DatasetError) -> ColumnType {
    let name = table.columnNames[index]
    func refuse(_ form: TextForm, _ reason: String) -> DatasetError {
      refused(table, index, column.examples[form], reason)
    }
    let texts = column.texts
    // A column without a single value says nothing; as a category it is one constant.
    if column.present == 0 { return .categorical }
    if texts == 0, column.infinite > 0 {
      guard column.numbers > 0 else { return .categorical }
      throw refused(
        table, index, column.firstInfinite,
        "isn't finite: name the word in missing_values, or set column_types of \(name) to ignored")
    }
    if texts == 0 { return .numeric }
    if column.numbers == 0, column.count(.boolean) == texts, column.infinite == 0 { return .boolean }
    // Values that are no numbers as they are written.
    let half = column.present
    if column.count(.percent) * 2 >= half || column.numbers > 0 && column.count(.percent) * 2 >= texts {
      throw refuse(
        .percent,
        "percentages aren't read: write the numbers alone, or set column_types of \(name) to categorical or ignored"
      )
    }
    if column.count(.currency) * 2 >= half || column.numbers > 0 && column.count(.currency) * 2 >= texts {
      throw refuse(
        .currency,
        "amounts of a currency aren't read: write the numbers alone, or set column_types of \(name) to categorical or "
          + "ignored")
    }
    if column.count(.date) * 2 >= half {
      let isRead = column.examples[.date].map { Dates.days(Array($0.text.utf8)[...]) != nil } ?? false
      throw refuse(
        .date,
        isRead
          ? "dates are no numbers by themselves: set column_types of \(name) to date (days since 1970-01-01, of ISO 8601 "
            + "dates), categorical or ignored"
          : "dates and times are no numbers by themselves: write dates as 2024-12-31 and set column_types of \(name) to "
            + "date, times as numbers of seconds; or set it to categorical or ignored")
    }
    let numeric = TextForm.allCases.filter(\.isNumeric)
    let others = numeric.reduce(0) { $0 + column.count($1) }
    if others * 2 >= texts, let form = numeric.max(by: { column.count($0) < column.count($1) }) {
      let mark =
        switch form {
        case .thousandsComma, .eitherComma: "thousands to , or decimal_mark to ,"
        case .decimalComma, .decimalCommaWithPoints: "decimal_mark to ,"
        case .point:
          "decimal_mark to . where the point stands before decimals, thousands to . where it groups digits"
        default: "thousands to the character between the digits"
        }
      throw refuse(form, "isn't written as the file's other numbers are: set \(mark)")
    }
    // Words with a few numbers among them are categories; numbers with a few words are not.
    guard column.numbers * 5 < column.present else {
      let form = TextForm.allCases.filter { column.count($0) > 0 }.min {
        (column.examples[$0]?.row ?? 0) < (column.examples[$1]?.row ?? 0)
      }
      let odd = form.flatMap { column.examples[$0] }
      throw refused(
        table, index, odd,
        "\(texts) of \(column.present) values are no numbers: name the word in missing_values where it means a missing "
          + "value, or set column_types of \(name) to categorical or ignored")
    }
    return .categorical
  }

  /// Refuses a stated type that the fields don't have.
  private static func check(
    _ column: ColumnSurvey.Column, _ type: ColumnType, _ table: TableFile, _ index: Int
  ) throws(DatasetError) {
    func first(where isWrong: (TextForm) -> Bool) -> ColumnSurvey.Example? {
      TextForm.allCases.filter { isWrong($0) && column.count($0) > 0 }.compactMap { column.examples[$0] }
        .min { $0.row < $1.row }
    }
    switch type {
    case .ignored, .categorical: return
    case .numeric:
      if let odd = first(where: { _ in true }) {
        throw refused(
          table, index, odd,
          "is no number, as column_types says: name the word in missing_values where it means that")
      }
      if let odd = column.firstInfinite { throw refused(table, index, odd, "isn't finite") }
      guard column.numbers > 0 else {
        throw refused(table, index, nil, "no number in a column that is to be numeric")
      }
    case .boolean:
      if let odd = first(where: { $0 != .boolean }) ?? column.firstNumber ?? column.firstInfinite {
        throw refused(table, index, odd, "is neither true nor false, as column_types says")
      }
    case .date:
      if let odd = first(where: { $0 != .date }) ?? column.firstNumber ?? column.firstInfinite {
        throw refused(table, index, odd, "is no date, as column_types says")
      }
    }
  }
}
