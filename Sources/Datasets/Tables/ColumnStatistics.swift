/// Second pass, over the training rows: means and medians, categories, classes, and how many values are distinct.
struct ColumnStatistics {
  struct Column {
    var sum = 0.0
    var present = 0
    var missing = 0
    /// Kept where a median is asked for.
    var values: [Double] = []
    var distinct = DistinctValues()
    var categories: [[UInt8]: Int] = [:]

    var mean: Double { sum / Double(max(1, present)) }
    var median: Double {
      guard !values.isEmpty else { return 0 }
      let sorted = values.sorted()
      let middle = sorted.count / 2
      return sorted.count % 2 == 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2
    }
  }

  private(set) var columns: [Column]
  private(set) var classes: [[UInt8]: Int] = [:]
  /// Rows of either split that were left out for a missing value.
  private(set) var droppedRows = 0

  init(
    _ table: TableFile, _ cells: TableCells, isHeldOut: (Int) -> Bool, classKeys: ClassKeys
  ) throws(DatasetError) {
    let plan = cells.plan
    let limits = table.limits
    var columns = [Column](repeating: Column(), count: table.columns)
    var classes: [[UInt8]: Int] = [:]
    var dropped = 0
    let used = columns.indices.filter { cells.types[$0] != .ignored }
    let keepsValues = plan.options.missing == .median
    try table.forEachRow { (row: inout DelimitedReader, number: Int) throws(DatasetError) in
      if try cells.isDropped(row, file: table.name) {
        dropped += 1
        return
      }
      guard plan.isClass(row[plan.classColumn], cells.reader.missing) else {
        let last = row.count - 1
        let isTrailing =
          plan.classColumn == last && row[last].isEmpty && table.columnNames[last] == "column_\(last)"
        throw .malformed(
          file: table.name, place: .row(row.row),
          reason: isTrailing
            ? "the last column has neither a name nor a value, as where lines end with the delimiter: set class_column to "
              + "the one that holds the classes"
            : "the class is missing ('\(String(decoding: row[plan.classColumn].prefix(40), as: UTF8.self))'): remove "
              + "the row, set missing to drop_row, or name the word in class_values where it is a class")
      }
      guard !isHeldOut(number) else { return }
      for column in used {
        if cells.types[column] == .categorical {
          let isMissing = cells.reader.missing.contains(row[column])
          if isMissing { columns[column].missing += 1 }
          columns[column].categories[
            isMissing ? TableCells.missingCategory : Array(row[column]), default: 0] += 1
          guard columns[column].categories.count <= limits.categories else {
            throw .limitExceeded(
              file: table.name,
              limit:
                "column '\(table.columnNames[column])' (\(column)) holds more than \(limits.categories) different words, "
                + "each of which would be an input: name it in ignore_columns, or group its words"
            )
          }
        } else if let value = try cells.number(row, column, file: table.name) {
          columns[column].sum += value
          columns[column].present += 1
          columns[column].distinct.insert(value)
          if keepsValues { columns[column].values.append(value) }
        } else {
          columns[column].missing += 1
        }
      }
      classes[classKeys(row[plan.classColumn]), default: 0] += 1
      guard classes.count <= limits.classes else {
        throw .limitExceeded(file: table.name, limit: "more than \(limits.classes) classes")
      }
    }
    self.columns = columns
    self.classes = classes
    droppedRows = dropped
  }
}

/// Distinct doubles, up to a number of them.
struct DistinctValues {
  /// More aren't counted.
  static let limit = 1 << 16

  private var slots: [UInt64] = []
  private var hasZero = false
  private(set) var count = 0

  /// Nil where there are more than are counted.
  var exact: Int? { count <= Self.limit ? count : nil }

  /// The values that were counted, in order.
  var values: [Double] {
    let others = slots.filter { $0 != 0 }.map { Double(bitPattern: $0) }
    return (hasZero ? others + [0] : others).sorted()
  }

  mutating func insert(_ value: Double) {
    guard count <= Self.limit else { return }
    // The bits of zero mark an empty slot; the negative one is the same number.
    guard value != 0 else {
      if !hasZero { (hasZero, count) = (true, count + 1) }
      return
    }
    if count * 2 >= slots.count { grow() }
    if Self.place(value.bitPattern, in: &slots) { count += 1 }
  }

  private static func place(_ bits: UInt64, in slots: inout [UInt64]) -> Bool {
    let product = bits.multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
    var slot = Int(truncatingIfNeeded: product.high ^ product.low) & (slots.count - 1)
    while slots[slot] != 0 {
      if slots[slot] == bits { return false }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = bits
    return true
  }

  private mutating func grow() {
    var larger = [UInt64](repeating: 0, count: max(8, slots.count * 4))
    for bits in slots where bits != 0 { _ = Self.place(bits, in: &larger) }
    slots = larger
  }
}
