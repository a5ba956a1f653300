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

/// Cells that agree in all factors but one.
struct CellGroup {
  /// What they agree in.
  let common: [ComparedCell.AxisValue]
  /// In the study's order.
  private(set) var cells: [ComparedCell]

  /// The groups in the order of their first cells.
  static func groups(of cells: [ComparedCell], without factor: [String]) -> [CellGroup] {
    var places: [[ComparedCell.AxisValue]: Int] = [:]
    var groups: [CellGroup] = []
    for cell in cells {
      let common = cell.values.filter { !factor.contains($0.pointer) }
      if let place = places[common] {
        groups[place].cells.append(cell)
      } else {
        places[common] = groups.count
        groups.append(CellGroup(common: common, cells: [cell]))
      }
    }
    return groups
  }
}
