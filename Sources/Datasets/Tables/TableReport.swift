/// What is told of a table: how it was read, and what its owner should know.
struct TableReport {
  let table: TableFile
  let plan: TablePlan
  let reader: FieldReader
  let survey: ColumnSurvey
  let types: ColumnTypes
  let statistics: ColumnStatistics
  let schema: TableSchema

  private func character(_ byte: UInt8) -> String { String(UnicodeScalar(byte)) }

  var inference: TableInference {
    TableInference(
      encoding: table.text.encoding.rawValue, byteOrderMark: table.text.byteOrderMark,
      compression: table.text.compression, delimiter: character(table.delimiter),
      quote: survey.sawQuote ? "\"" : nil, decimalMark: character(reader.decimalMark),
      thousands: reader.thousands.map(character), comment: table.commentMark, headerRows: table.headerRows,
      rows: survey.rows, classColumn: table.columnNames[plan.classColumn], columns: columns)
  }

  private var columns: [ColumnInference] {
    table.columnNames.indices.map { index in
      let found = statistics.columns[index]
      let isClass = index == plan.classColumn
      let type = types.types[index]
      let distinct: Int? =
        isClass
        ? statistics.classes.count
        : type == .categorical
          ? found.categories.count - (found.missing > 0 ? 1 : 0)
          : type == .ignored ? nil : found.distinct.exact
      return ColumnInference(
        name: table.columnNames[index], type: isClass ? "class" : type.rawValue,
        missing: found.missing, distinct: distinct, width: schema.widths[index])
    }
  }

  var warnings: [DatasetWarning] {
    var warnings = table.notes.map { DatasetWarning(kind: .inferred, detail: $0) } + types.warnings
    func warn(_ kind: DatasetWarning.Kind, _ detail: String) {
      warnings.append(DatasetWarning(kind: kind, detail: detail))
    }
    let numbers = missing { $0 != .categorical }
    if let numbers {
      let what =
        switch plan.options.missing {
        case .median: "the column's median"
        case .meanWithIndicator: "the column's mean, marked by a further input"
        default: "the column's mean"
        }
      warn(.missingValues, "\(numbers): each counts as \(what)")
    }
    if let categories = missing({ $0 == .categorical }) {
      warn(
        .missingValues,
        categories + ": each counts as "
          + (plan.categories == .mostFrequent ? "the column's most frequent word" : "a category of its own"))
    }
    if statistics.droppedRows > 0 {
      warn(
        .rowsLeftOut, "\(statistics.droppedRows) of \(survey.rows) rows have a missing value and are left out"
      )
    }
    if !survey.keptClasses.isEmpty {
      warn(
        .inferred,
        "all rows of \(shortList(survey.keptClasses)) would have been held out by test_fraction: the first of each class "
          + "stays in the training split")
    }
    let spellings = Dictionary(grouping: schema.classNames) { $0.lowercased() }.values.filter { $0.count > 1 }
    if !spellings.isEmpty {
      let groups = spellings.map { $0.map { "'\($0)'" }.joined(separator: " and ") }.sorted()
      warn(.inferred, "classes that differ in case alone count as several: \(shortList(groups, upTo: 5))")
    }
    let rows = statistics.classes.values.reduce(0, +)
    for index in table.columnNames.indices
    where types.types[index] == .categorical && rows > 20
      && statistics.columns[index].categories.count == rows
    {
      warn(
        .inferred,
        "every row has another word in '\(table.columnNames[index])': as categories they name the sample; ignore_columns "
          + "leaves it out")
    }
    return warnings
  }

  /// How many values are missing in the columns of some types; nil where none is.
  private func missing(_ isMeant: (ColumnType) -> Bool) -> String? {
    let columns = table.columnNames.indices.filter {
      isMeant(types.types[$0]) && types.types[$0] != .ignored && statistics.columns[$0].missing > 0
    }
    guard !columns.isEmpty else { return nil }
    let total = columns.reduce(0) { $0 + statistics.columns[$1].missing }
    let parts = columns.prefix(21).map { "\(table.columnNames[$0]): \(statistics.columns[$0].missing)" }
    return "\(total) missing \(total == 1 ? "value" : "values") (\(shortList(parts, of: columns.count)))"
  }

  /// Columns of which more than one in a hundred neighbouring distinct values are the same once they are standardised
  /// and rounded to single precision.
  func precisionWarnings(_ moments: ChannelMoments) -> [DatasetWarning] {
    var input = 0
    var lost: [String] = []
    for index in table.columnNames.indices {
      defer { input += schema.widths[index] }
      guard case .numeric = schema.columns[index] else { continue }
      let values = statistics.columns[index].distinct.values
      guard values.count > 1 else { continue }
      let scale = moments.scale(input)
      let rounded = values.map { Float(($0 - moments.mean[input]) * scale) }
      let same = zip(rounded, rounded.dropFirst()).count { $0 == $1 }
      if same * 100 > values.count { lost.append("\(table.columnNames[index]): \(same) of \(values.count)") }
    }
    guard !lost.isEmpty else { return [] }
    return [
      DatasetWarning(
        kind: .precisionLost,
        detail:
          "distinct values that standardisation and single precision make the same (\(shortList(lost))): subtract "
          + "what the values have in common, or take logarithms, where their differences matter")
    ]
  }
}
