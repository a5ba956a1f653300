import Compute

/// First pass over all rows: what the fields of each column look like, and which rows are held out.
struct ColumnSurvey {
  struct Example {
    let row: Int
    let text: String
  }

  struct Column {
    var missing = 0
    var numbers = 0
    var infinite = 0
    /// Fields that are no numbers, by their form.
    var forms = [Int](repeating: 0, count: TextForm.allCases.count)
    var examples: [TextForm: Example] = [:]
    var firstInfinite: Example?
    var firstNumber: Example?
    /// The number in the first row, as long as every further row's is one more; nil where one wasn't.
    var countsFrom: Double?

    var texts: Int { forms.reduce(0, +) }
    var present: Int { numbers + infinite + texts }
    func count(_ form: TextForm) -> Int { forms[form.rawValue] }
  }

  private(set) var columns: [Column]
  private(set) var rows = 0
  private(set) var sawQuote = false
  /// Held-out rows that stay in the training split, since their class would have none there.
  private(set) var kept: Set<Int> = []
  /// Classes of those rows.
  private(set) var keptClasses: [String] = []

  init(
    _ table: TableFile, _ reader: FieldReader, _ plan: TablePlan, isHeldOut: (Int) -> Bool,
    classKeys: ClassKeys
  ) throws(DatasetError) {
    var columns = [Column](repeating: Column(), count: table.columns)
    let surveyed = columns.indices.filter { $0 != plan.classColumn && plan.types[$0] != .ignored }
    let names = table.columnNames.map { Array($0.utf8) }
    // The first held-out row of each class; nil once it has a training row.
    var heldOutClasses: [[UInt8]: Int?] = [:]
    let fraction = plan.options.testFraction
    var rows = 0
    sawQuote = try table.forEachRow { (row: inout DelimitedReader, number: Int) throws(DatasetError) in
      rows += 1
      if table.headerRows > 0, row[plan.classColumn].elementsEqual(names[plan.classColumn]),
        names.indices.allSatisfy({ row[$0].elementsEqual(names[$0]) })
      {
        throw .malformed(
          file: table.name, place: .row(row.row), reason: "the header again: remove it, since it is no sample"
        )
      }
      for column in surveyed { columns[column].take(row[column], reader, row.row, number) }
      guard fraction > 0 else { return }
      let key = classKeys(row[plan.classColumn])
      if !isHeldOut(number) {
        heldOutClasses[key] = .some(nil)
      } else if heldOutClasses[key] == nil,
        !(0..<row.count).contains(where: { reader.missing.contains(row[$0]) })
      {
        heldOutClasses[key] = number
      }
    }
    for (key, number) in heldOutClasses {
      guard let number else { continue }
      kept.insert(number)
      keptClasses.append(String(decoding: key, as: UTF8.self))
    }
    keptClasses.sort()
    self.columns = columns
    self.rows = rows
  }
}

extension ColumnSurvey.Column {
  fileprivate mutating func take(_ field: ArraySlice<UInt8>, _ reader: FieldReader, _ row: Int, _ number: Int)
  {
    switch reader(field) {
    case .missing: missing += 1
    case .number(let value):
      guard value.isFinite else {
        infinite += 1
        if firstInfinite == nil {
          firstInfinite = .init(row: row, text: String(decoding: field, as: UTF8.self))
        }
        return
      }
      if numbers == 0 {
        firstNumber = .init(row: row, text: String(decoding: field.prefix(40), as: UTF8.self))
      }
      numbers += 1
      if number == 0 { countsFrom = value } else if countsFrom != value - Double(number) { countsFrom = nil }
    case .text:
      let form = TextForm(field)
      forms[form.rawValue] += 1
      if forms[form.rawValue] == 1 {
        examples[form] = .init(row: row, text: String(decoding: field.prefix(40), as: UTF8.self))
      }
    }
  }

  /// Whether it counts the rows: from 0 or 1, or from any number on through more rows than chance would count.
  func isCounting(_ rows: Int) -> Bool {
    guard let start = countsFrom, numbers == rows else { return false }
    return rows > (start == 0 || start == 1 ? 1 : 20)
  }
}
