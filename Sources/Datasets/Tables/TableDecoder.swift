/// Writes a table's block file: each row's encoded columns as doubles.
struct TableDecoder {
  let train: TableFile
  /// The published test split, where there is one; else rows may be held out.
  var test: TableFile?
  let options: TableOptions
  var classSuffix: UInt8?
  let limits: DatasetLimits

  @discardableResult
  func decode(to path: String) throws(DatasetError) -> Inference {
    let schema = try TableSchema(train, options, classSuffix: classSuffix)
    let writer = try BlockWriter(
      path: path, element: .float64, shape: .features(schema.width), classes: schema.classNames.count,
      limits: limits)
    writer.name(classes: schema.classNames, columns: schema.featureNames)
    try copy(train, schema, heldOut: false, to: writer)
    try writer.beginTest()
    if let test {
      guard test.columns == train.columns else {
        throw .malformed(
          file: test.name, place: .row(1),
          reason: "\(test.columns) fields where the training rows have \(train.columns)")
      }
      try copy(test, schema, heldOut: nil, to: writer)
    } else if options.testFraction > 0 {
      try copy(train, schema, heldOut: true, to: writer)
    }
    return try writer.finish()
  }

  /// Copies the rows that are held out, those that aren't, or (nil) all.
  private func copy(
    _ table: TableFile, _ schema: TableSchema, heldOut: Bool?, to writer: BlockWriter
  ) throws(DatasetError) {
    var values: [Double] = []
    var labels: [Int32] = []
    try table.forEachRow { (row: inout DelimitedReader, number: Int) throws(DatasetError) in
      if let heldOut, TableSchema.isHeldOut(number, fraction: options.testFraction) != heldOut { return }
      labels.append(try schema.encode(row, into: &values))
      // About a megabyte at a time.
      guard values.count >= 1 << 18 else { return }
      try writer.append(doubles: values, labels: labels)
      values.removeAll(keepingCapacity: true)
      labels.removeAll(keepingCapacity: true)
    }
    try writer.append(doubles: values, labels: labels)
  }
}
