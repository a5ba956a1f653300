/// Cells that agree in some of what a study varies.
struct CellGroup {
  /// What they agree in.
  let common: [ComparedCell.AxisValue]
  /// In the study's order.
  private(set) var cells: [ComparedCell]

  init(common: [ComparedCell.AxisValue], cells: [ComparedCell]) {
    self.common = common
    self.cells = cells
  }

  /// Cells that agree in all but some fields.
  static func groups(of cells: [ComparedCell], without fields: [String]) -> [CellGroup] {
    groups(of: cells) { cell in cell.values.filter { !fields.contains($0.pointer) } }
  }

  /// Cells that agree in all but the numbers in a factor: of an object its `kind` counts.
  static func families(of cells: [ComparedCell], along factor: [String]) -> [CellGroup] {
    groups(of: cells) { cell in
      cell.values.compactMap { value in
        guard factor.contains(value.pointer) else { return value }
        switch value.value {
        case .integer, .number, .array: return nil
        case .object:
          return value.value["kind"].map {
            .init(pointer: value.pointer + "/kind", value: $0, label: $0.stringValue)
          }
        default: return value
        }
      }
    }
  }

  /// The groups in the order of their first cells.
  private static func groups(
    of cells: [ComparedCell], by common: (ComparedCell) -> [ComparedCell.AxisValue]
  ) -> [CellGroup] {
    var places: [[ComparedCell.AxisValue]: Int] = [:]
    var groups: [CellGroup] = []
    for cell in cells {
      let common = common(cell)
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
