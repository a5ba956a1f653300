/// The columns of a table whose rows don't all have the same ones.
///
/// Their order depends on which there are, not on the rows' order: the leading ones as they are given, then the others by
/// their names, and of these the client's labels and what was specified last.
package struct TableColumns: Sendable {
  private let leading: [String]
  private var others: Set<String> = []
  private var filled: Set<String> = []

  /// - Parameter leading: the first columns, which are there whether rows have them or not.
  package init(leading: [String]) { self.leading = leading }

  /// Takes in the columns of a row.
  package mutating func add(_ row: TableRow) {
    for cell in row.cells {
      if cell.value != .null { filled.insert(cell.column) }
      others.insert(cell.column)
    }
  }

  /// The names. A column that is null in every row is left out where it stands for several others: of `tuning` and
  /// `tuning.rate` only the latter.
  package var names: [String] {
    let known = Set(leading)
    let rest = others.subtracting(known).filter { name in
      filled.contains(name) || !others.contains { $0.hasPrefix(name + ".") }
    }
    return leading
      + rest.sorted { left, right in
        let ranks = (Self.rank(left), Self.rank(right))
        return ranks.0 == ranks.1 ? left.utf8.lexicographicallyPrecedes(right.utf8) : ranks.0 < ranks.1
      }
  }

  private static func rank(_ name: String) -> Int {
    name.hasPrefix("specification.") ? 2 : name.hasPrefix("labels.") ? 1 : 0
  }
}
