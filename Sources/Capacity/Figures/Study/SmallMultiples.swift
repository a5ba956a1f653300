/// Panels of one size in rows of three, for measurements side by side.
struct SmallMultiples {
  let count: Int
  /// Where the first row begins.
  let top: Double
  /// From one row to the next.
  let rowHeight: Double
  let pageWidth: Double

  /// Where the first panel of a row begins, right of its vertical axis's labels.
  static let left = 56.0
  private static let gap = 22.0
  private static let columnCount = 3

  /// The width of a panel.
  var width: Double {
    let columns = Double(Self.columnCount)
    return (pageWidth - FigurePage.margin - Self.left - (columns - 1) * Self.gap) / columns
  }

  /// Below all rows.
  var bottom: Double { top + Double((count + Self.columnCount - 1) / Self.columnCount) * rowHeight }

  /// The upper left corner of a panel's place.
  func corner(_ index: Int) -> (x: Double, y: Double) {
    let (row, column) = (index / Self.columnCount, index % Self.columnCount)
    return (Self.left + Double(column) * (width + Self.gap), top + Double(row) * rowHeight)
  }

  /// Whether a panel is the first of its row, which has the labels of the vertical axis.
  func isFirst(_ index: Int) -> Bool { index % Self.columnCount == 0 }
}
