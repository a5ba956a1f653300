/// Writes a table's block file: each row's encoded columns as doubles.
struct TableDecoder {
  let train: TableFile
  /// The published test split, where there is one; else rows may be held out.
  var test: TableFile?
  let options: TableOptions
  var classKeys = ClassKeys()
  /// One of so many rows, at the end, is the test split; nil: `options` say.
  var lastRowsShare: Int?
  /// The names of the inputs where the file has none.
  var columnNames: [String]?
  let limits: DatasetLimits

  init(train: TableFile, test: TableFile? = nil, options: TableOptions, limits: DatasetLimits) {
    self.train = train
    self.test = test
    self.options = options
    self.limits = limits
  }

  @discardableResult
  func decode(to path: String) throws(DatasetError) -> Inference {
    let plan = try TablePlan(train, options)
    var reader = try NumberWriting.stated(options)
    let isHeldOut = { [options] (number: Int) in
      TableSchema.isHeldOut(number, fraction: options.testFraction)
    }
    var survey = try ColumnSurvey(train, reader, plan, isHeldOut: isHeldOut, classKeys: classKeys)
    if let inferred = try NumberWriting.inferred(survey, reader, train, plan) {
      reader = inferred
      survey = try ColumnSurvey(train, reader, plan, isHeldOut: isHeldOut, classKeys: classKeys)
    }
    let types = try ColumnTypes(train, survey, plan)
    let cells = TableCells(train, plan, reader, types.types)
    let isTest = testRows(survey)
    let statistics = try ColumnStatistics(train, cells, isHeldOut: isTest, classKeys: classKeys)
    let schema = try TableSchema(train, cells, statistics, classKeys: classKeys)
    let writer = try BlockWriter(
      path: path, element: .float64, shape: .features(schema.width), classes: schema.classNames.count,
      limits: limits)
    writer.name(classes: schema.classNames, columns: columnNames ?? schema.featureNames)
    try copy(train, schema, to: writer) { !isTest($0) }
    try writer.beginTest()
    if let test {
      guard test.columns == train.columns else {
        throw .malformed(
          file: test.name, place: .row(1),
          reason: "\(test.columns) fields where the training rows have \(train.columns)")
      }
      try copy(test, schema, to: writer) { _ in true }
    } else if options.testFraction > 0 || lastRowsShare != nil {
      try copy(train, schema, to: writer, where: isTest)
    }
    var understood = Inference()
    let report = TableReport(
      table: train, plan: plan, reader: reader, survey: survey, types: types, statistics: statistics,
      schema: schema)
    understood.table = report.inference
    understood.warnings = report.warnings
    understood = try writer.finish(understood)
    understood.warnings += report.precisionWarnings(writer.moments)
    return understood
  }

  /// Which rows of the training file are the test split.
  private func testRows(_ survey: ColumnSurvey) -> (Int) -> Bool {
    if test != nil { return { _ in false } }
    if let lastRowsShare {
      let first = survey.rows - survey.rows / lastRowsShare
      return { $0 >= first }
    }
    return { [options] in
      TableSchema.isHeldOut($0, fraction: options.testFraction, kept: survey.kept)
    }
  }

  /// Copies some of the rows.
  private func copy(
    _ table: TableFile, _ schema: TableSchema, to writer: BlockWriter, where isMeant: (Int) -> Bool
  ) throws(DatasetError) {
    var values: [Double] = []
    var labels: [Int32] = []
    try table.forEachRow { (row: inout DelimitedReader, number: Int) throws(DatasetError) in
      guard isMeant(number) else { return }
      guard try !schema.cells.isDropped(row, file: table.name) else { return }
      labels.append(try schema.encode(row, into: &values))
      // About a megabyte at a time.
      guard values.count >= 1 << 17 else { return }
      try writer.append(doubles: values, labels: labels)
      values.removeAll(keepingCapacity: true)
      labels.removeAll(keepingCapacity: true)
    }
    try writer.append(doubles: values, labels: labels)
  }
}
