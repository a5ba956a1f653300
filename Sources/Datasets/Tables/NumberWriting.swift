/// How a file writes numbers: the decimal mark and the mark between thousands, where every number agrees.
enum NumberWriting {
  /// The reader for a file whose options leave the marks open, from what a pass with the point found; nil where the
  /// point was right.
  ///
  /// Throws where commas may be either mark.
  static func inferred(
    _ survey: ColumnSurvey, _ reader: FieldReader, _ table: TableFile, _ plan: TablePlan
  ) throws(DatasetError) -> FieldReader? {
    let options = plan.options
    guard options.decimalMark == nil, options.thousands == nil else { return nil }
    let commas: [TextForm] = [.decimalComma, .decimalCommaWithPoints, .thousandsComma, .eitherComma]
    var counts = [TextForm: Int]()
    var example: (column: Int, found: ColumnSurvey.Example)?
    var hasPoints = false
    for (index, column) in survey.columns.enumerated()
    where plan.types[index] == nil || plan.types[index] == .numeric {
      let commaFields = commas.reduce(0) { $0 + column.count($1) }
      hasPoints = hasPoints || column.count(.point) > 0
      // Only a column that is numbers throughout says how numbers are written.
      guard commaFields > 0, commaFields + column.count(.point) == column.texts else { continue }
      for form in commas {
        counts[form, default: 0] += column.count(form)
        if example == nil, let found = column.examples[form] { example = (index, found) }
      }
    }
    guard let example else { return nil }
    let decimals = counts[.decimalComma, default: 0] + counts[.decimalCommaWithPoints, default: 0]
    let thousands = counts[.thousandsComma, default: 0]
    var inferred = reader
    if decimals > 0, thousands == 0 {
      inferred.decimalMark = UInt8(ascii: ",")
      if counts[.decimalCommaWithPoints, default: 0] > 0 || hasPoints {
        inferred.thousands = UInt8(ascii: ".")
      }
    } else if thousands > 0, decimals == 0 {
      inferred.thousands = UInt8(ascii: ",")
    } else {
      throw .malformed(
        file: table.name, place: .row(example.found.row),
        reason:
          "'\(example.found.text)' in column '\(table.columnNames[example.column])' is one number with a decimal "
          + "comma and another with a comma between thousands: set decimal_mark or thousands to ,")
    }
    return inferred
  }

  /// The reader that the options state.
  static func stated(_ options: TableOptions) throws(DatasetError) -> FieldReader {
    var reader = FieldReader(missing: MissingWords(options.missingValues))
    if let mark = options.decimalMark {
      guard mark == "." || mark == "," else {
        throw .invalidOption(option: "decimal_mark", value: "'\(mark)'", allowed: ". or ,")
      }
      reader.decimalMark = mark.asciiValue!
    }
    if let mark = options.thousands {
      guard let byte = mark.asciiValue, ",. '_".contains(mark) else {
        throw .invalidOption(
          option: "thousands", value: "'\(mark)'", allowed: "a comma, a point, a space, ' or _")
      }
      // A comma or point between thousands leaves the other before decimals.
      if options.decimalMark == nil, mark == "." { reader.decimalMark = UInt8(ascii: ",") }
      guard byte != reader.decimalMark else {
        throw .invalidOption(
          option: "thousands", value: "'\(mark)'", allowed: "another character than decimal_mark")
      }
      reader.thousands = byte
    }
    return reader
  }
}
