/// Two cells of a study that differ in one factor alone.
struct ComparedPair {
  let first: ComparedCell
  let second: ComparedCell
  let factor: [String]

  /// The pairs that a study compares, in the order of its factors and cells. Against a value, the cell that has it comes second.
  static func pairs(of cells: [ComparedCell], _ settings: ComparisonSettings) -> [ComparedPair] {
    settings.factors.flatMap { factor in
      CellGroup.groups(of: cells, without: factor).flatMap { group in
        switch settings.rule {
        case .pairs:
          return group.cells.indices.flatMap { i in
            group.cells[(i + 1)...].map { ComparedPair(first: group.cells[i], second: $0, factor: factor) }
          }
        case .against(let value):
          func has(_ cell: ComparedCell) -> Bool { factor.contains { cell.value($0) == value } }
          return group.cells.filter(has).flatMap { reference in
            group.cells.filter { !has($0) }.map { ComparedPair(first: $0, second: reference, factor: factor) }
          }
        }
      }
    }
  }
}
