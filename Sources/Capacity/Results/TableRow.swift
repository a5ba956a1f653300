/// One row of a table for spreadsheets and notebooks: columns with dotted names, each with a value that a cell can hold.
package struct TableRow: Sendable, Hashable {
  /// A column's name with this row's value: null, a truth value, a number or a text.
  package struct Cell: Sendable, Hashable {
    package let column: String
    package let value: JSONValue
  }

  /// In the order in which they were added.
  package private(set) var cells: [Cell] = []

  /// A row without cells.
  package init() {}

  /// The value of a column; nil where the row has none of that name.
  package subscript(column: String) -> JSONValue? { cells.first { $0.column == column }?.value }

  /// Adds a cell.
  package mutating func add(_ column: String, _ value: JSONValue) { flatten(value, at: column) }

  /// Adds a tree: `{"interval": {"lower": 3}}` becomes the column `interval.lower`. What can't be a cell of its own is one as
  /// JSON text: arrays, and objects without members.
  ///
  /// - Parameters:
  ///   - prefix: what the columns' names begin with, before the dot; empty for none.
  ///   - excluded: paths that are left out, with all that is below them.
  package mutating func add(
    tree: JSONValue, under prefix: String = "", excluding excluded: Set<String> = []
  ) {
    guard case .object(let members) = tree else { return }
    for (name, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      flatten(value, at: prefix.isEmpty ? name : "\(prefix).\(name)", excluding: excluded)
    }
  }

  private mutating func flatten(_ value: JSONValue, at path: String, excluding excluded: Set<String> = []) {
    guard !excluded.contains(path) else { return }
    switch value {
    case .object(let members) where !members.isEmpty: add(tree: value, under: path, excluding: excluded)
    case .object, .array: cells.append(Cell(column: path, value: .string(value.text())))
    case .null, .bool, .integer, .number, .string: cells.append(Cell(column: path, value: value))
    }
  }

  /// Adds the values of factors, whose columns are called as what was specified is: `specification.model.hidden.0` for
  /// `/model/hidden/0`. One that has its column already, or several below it, is not added again.
  package mutating func add(factors: [(pointer: String, value: JSONValue)]) {
    for factor in factors {
      guard let tokens = JSONPointer(factor.pointer)?.tokens else { continue }
      let column = (["specification"] + tokens).joined(separator: ".")
      if !cells.contains(where: { $0.column == column || $0.column.hasPrefix(column + ".") }) {
        add(column, factor.value)
      }
    }
  }

  /// Gives a column another name.
  mutating func rename(_ column: String, to name: String) {
    guard let index = cells.firstIndex(where: { $0.column == column }) else { return }
    cells[index] = Cell(column: name, value: cells[index].value)
  }

  /// Gives a column another value.
  mutating func replace(_ column: String, with value: JSONValue) {
    guard let index = cells.firstIndex(where: { $0.column == column }) else { return }
    cells[index] = Cell(column: column, value: value)
  }

  /// Puts the cells of some columns in their order behind the first `leading` ones, and before all others; those that aren't
  /// there are null. A null that stands for several of them is taken out (`interval`, where there are `interval.lower` and
  /// `interval.upper`).
  mutating func arrange(_ columns: [String], after leading: Int) {
    let own = Dictionary(
      cells.dropFirst(leading).map { ($0.column, $0) }, uniquingKeysWith: { first, _ in first })
    let known = Set(columns)
    let parents = Set(
      columns.flatMap { column in
        column.indices.filter { column[$0] == "." }.map { String(column[..<$0]) }
      })
    let others = cells.dropFirst(leading).filter { cell in
      !known.contains(cell.column) && !(cell.value == .null && parents.contains(cell.column))
    }
    cells =
      cells.prefix(leading) + columns.map { own[$0] ?? Cell(column: $0, value: .null) } + others
  }

  /// The row as an object of one level.
  package var json: JSONValue {
    .object(Dictionary(cells.map { ($0.column, $0.value) }, uniquingKeysWith: { first, _ in first }))
  }
}
