import Foundation

/// EMC over parameters on logarithmic axes: cells with intervals, the fitted power of each family, and the line on which the
/// EMC is the number of parameters.
package struct CapacityFigure: Figure {
  /// Cells of which one power law is told, or that differ in numeric axes alone.
  struct Family: Sendable {
    /// What its cells have in common.
    let name: String
    let cells: [StudyReading.Cell]
    let exponent: StudyReading.Exponent?
  }

  let name: String
  let families: [Family]

  /// Numbers of parameters that are nearer to each other than by this factor tell nothing of how the EMC goes with them.
  private static let leastRange = 1.5

  /// Nil where the numbers of parameters that have an EMC hardly differ.
  init?(_ reading: StudyReading) {
    name = reading.name
    let shown = reading.cells.filter { $0.value != nil && $0.parameterCount != nil }
    let counts = shown.compactMap(\.parameterCount)
    guard let least = counts.min(), let most = counts.max(),
      Double(most) >= Self.leastRange * Double(least)
    else { return nil }
    var families: [Family] = []
    var placed: Set<String> = []
    for exponent in reading.exponents where exponent.over == "parameter_count" {
      let members = exponent.cells + exponent.leftOut
      let own = shown.filter { members.contains($0.label) && !placed.contains($0.label) }
      guard !own.isEmpty else { continue }
      placed.formUnion(own.map(\.label))
      families.append(
        Family(name: StudyReading.commonLabel(of: own) ?? exponent.name, cells: own, exponent: exponent))
    }
    for cells in reading.alikeButForNumbers(shown.filter { !placed.contains($0.label) }) {
      families.append(Family(name: StudyReading.commonLabel(of: cells) ?? "", cells: cells, exponent: nil))
    }
    self.families = families
  }

  var hasExponents: Bool { families.contains { $0.exponent != nil } }

  package var svg: String {
    var page = FigurePage(
      title: name, lines: ["EMC over parameters"] + exponents, description: description)
    page.y += 24
    let (left, right) = (76.0, page.width - 24)
    let area = PlotArea(
      x: AxisScale(.logarithmic, domain.x, start: left, end: right),
      y: AxisScale(.logarithmic, domain.y, start: page.y + 380, end: page.y),
      heading: "EMC, training samples",
      xTitle: "trainable parameters P")
    page.append(contentsOf: area.frame())
    let identity = identity(area)
    if let identity { page.append(identity.line) }
    for (index, family) in families.enumerated() { page.append(drawn(family, index, area)) }
    // It lies over what crosses it.
    if let identity { page.append(identity.label) }
    page.y = area.lowerEnd + 14
    page.append(legend, left: left)
    return page.svg()
  }

  private var cells: [StudyReading.Cell] { families.flatMap(\.cells) }

  private var domain: (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    let parameters = cells.compactMap(\.parameterCount).map(Double.init)
    let values = cells.flatMap { cell -> [Double] in
      let value = cell.value ?? 1
      return [value]
        + [cell.interval.lower, cell.interval.upper].compactMap(\.self).filter {
          $0 >= value / 10 && $0 <= value * 10
        }
    }
    // The smallest network's parameters too, so that the line of equality is in sight, and the ends of the fitted lines.
    let ends = families.flatMap { power($0)?.map(\.y) ?? [] }
    return (
      AxisScale.domain(of: parameters, .logarithmic, padding: 0.06) ?? 1...1000,
      AxisScale.domain(of: values + ends + [parameters.min() ?? 1], .logarithmic, padding: 0.06) ?? 1...1000
    )
  }

  /// EMC = P, as far as both axes go: the line, and its label where it covers no cell.
  private func identity(_ area: PlotArea) -> (line: SVGElement, label: SVGElement)? {
    let low = max(area.x.domain.lowerBound, area.y.domain.lowerBound)
    let high = min(area.x.domain.upperBound, area.y.domain.upperBound)
    guard low < high else { return nil }
    let (from, to) = (
      (x: area.x.place(low), y: area.y.place(low)), (x: area.x.place(high), y: area.y.place(high))
    )
    let text = "EMC = P"
    // Down the line from its upper end, below it at its right and above it at its left.
    let places = stride(from: 1.0, through: 0, by: -0.02).flatMap { part -> [LabelRoom.Place] in
      let (x, y) = (from.x + part * (to.x - from.x), from.y + part * (to.y - from.y))
      return [
        LabelRoom.Place(x: x + 9, y: y + 9, anchor: .start),
        LabelRoom.Place(x: x - 9, y: y - 9, anchor: .end),
      ]
    }
    var room = LabelRoom(within: area, around: cells.flatMap { boxes($0, area) })
    let place = room.place(TextMetrics(size: 12).width(text), among: places) ?? places[0]
    return (
      line: Draw.line(from.x, from.y, to.x, to.y, classes: "reference"),
      label: Draw.text(text, x: place.x, y: place.y + 4, classes: "muted halo\(place.anchor.rawValue)")
    )
  }

  /// Where a cell stands on the axis of parameters: those with as many stand beside each other, lest they hide one another.
  private func place(_ cell: StudyReading.Cell, _ parameters: Int, _ area: PlotArea) -> Double {
    let alike = cells.filter { $0.parameterCount == parameters && $0.value != nil }.map(\.label)
    let index = alike.firstIndex(of: cell.label) ?? 0
    let step = min(11, 44 / Double(max(1, alike.count - 1)))
    return area.x.place(Double(parameters)) + (Double(index) - Double(alike.count - 1) / 2) * step
  }

  /// What a cell's mark and its interval take.
  private func boxes(_ cell: StudyReading.Cell, _ area: PlotArea) -> [LabelRoom.Box] {
    guard let value = cell.value, let parameters = cell.parameterCount else { return [] }
    let (x, y) = (place(cell, parameters, area), area.y.place(value))
    let upper = cell.interval.upper.map(area.y.clampedPlace) ?? area.top
    let lower = cell.interval.lower.flatMap { $0 > 0 ? area.y.clampedPlace($0) : nil } ?? area.bottom
    return [
      LabelRoom.Box(x: x - 6, y: y - 6, width: 12, height: 12),
      LabelRoom.Box(x: x - 4, y: upper, width: 8, height: lower - upper),
    ]
  }

  private func drawn(_ family: Family, _ index: Int, _ area: PlotArea) -> SVGElement {
    let shape = Self.shape(index)
    var elements = [line(family, area)].compactMap(\.self)
    for cell in family.cells {
      guard let value = cell.value, let parameters = cell.parameterCount else { continue }
      let x = place(cell, parameters, area)
      elements += IntervalBar(
        scale: area.y, lower: cell.interval.lower.flatMap { $0 > 0 ? $0 : nil }, upper: cell.interval.upper
      ).vertical(x: x, classes: "line thin")
      elements.append(
        shape.element(
          x: x, y: area.y.place(value), radius: 4.6, classes: cell.isSettled ? "solid" : "hollow",
          title: "\(cell.label): EMC \(Summary.count(cell.emc ?? 0)), \(Summary.count(parameters)) parameters"
        ))
    }
    return Draw.group(Self.group(index), elements)
  }

  private static func group(_ index: Int) -> String { "s\(index % FigureStyle.series.count)" }

  /// Of more families than there are colours no two have both colour and mark in common.
  private static func shape(_ index: Int) -> MarkShape {
    let shapes = MarkShape.allCases
    return shapes[(index + index / FigureStyle.series.count) % shapes.count]
  }

  private func line(_ family: Family, _ area: PlotArea) -> SVGElement? {
    power(family).map { ends in
      Draw.polyline(
        ends.map { (x: area.x.place($0.x), y: area.y.place($0.y)) },
        classes: family.exponent?.isRejected == true ? Self.rejectedLine : Self.fittedLine)
    }
  }

  private static let fittedLine = "line thin"
  private static let rejectedLine = "line thin dashed"

  /// The ends of the power law with the family's exponent that lies nearest to the cells that it was fitted to.
  private func power(_ family: Family) -> [(x: Double, y: Double)]? {
    guard let exponent = family.exponent else { return nil }
    let points = family.cells.filter { exponent.cells.contains($0.label) }.compactMap { cell in
      cell.value.flatMap { value in
        cell.parameterCount.map { (x: log(Double($0)), y: log(value), weight: cell.weight) }
      }
    }
    let total = points.reduce(0) { $0 + $1.weight }
    let intercept = points.reduce(0) { $0 + $1.weight * ($1.y - exponent.value * $1.x) } / total
    guard let low = points.map(\.x).min(), let high = points.map(\.x).max(), total > 0, low < high else {
      return nil
    }
    return [low, high].map { x in (x: exp(x), y: exp(intercept + exponent.value * x)) }
  }

  private var exponents: [String] {
    families.compactMap { family in
      family.exponent.map { exponent in
        let of = family.name.isEmpty ? "" : "\(family.name): "
        let power = "P^\(Self.decimal(exponent.value))"
        let interval = "(\(Self.decimal(exponent.lower)) to \(Self.decimal(exponent.upper)))"
        return exponent.isRejected
          ? "\(of)no power law over all of this range; the nearest is \(power) \(interval)"
          : "\(of)EMC ∝ \(power) \(interval)"
      }
    }
  }

  private static func decimal(_ value: Double) -> String {
    String(format: "%.2f", value).replacing("-", with: "−")
  }

  private var legend: Legend {
    var legend = Legend()
    for (index, family) in families.enumerated() where families.count > 1 {
      let shape = Self.shape(index)
      legend.add(
        .mark(shape, classes: "solid"), family.name.isEmpty ? "all" : family.name, group: Self.group(index))
    }
    for (isRejected, classes, text) in [
      (false, Self.fittedLine, "fitted power"),
      (true, Self.rejectedLine, "nearest power where no one power holds"),
    ] where families.contains(where: { $0.exponent?.isRejected == isRejected }) {
      legend.add(.line(classes: classes), text, group: "s5")
    }
    if cells.contains(where: { !$0.isSettled }) {
      legend.add(.mark(.circle, classes: "hollow"), "hollow: not settled", group: "s5")
    }
    return legend
  }

  private var description: String {
    "EMC over the number of parameters, both logarithmic, with intervals, for \(cells.count) cells. "
      + exponents.map { $0 + "." }.joined(separator: " ")
  }

  package static let columns =
    ["family"] + ComparisonFigure.columns
    + ["exponent", "exponent.lower", "exponent.upper", "exponent.rejected"]

  package var rows: [TableRow] {
    families.flatMap { family in
      family.cells.map { cell in
        var row = TableRow(["family": .string(family.name)])
        for column in cell.row.cells where column.column != "missing" { row.add(column.column, column.value) }
        row.add("exponent", .cell(family.exponent?.value))
        row.add("exponent.lower", .cell(family.exponent?.lower))
        row.add("exponent.upper", .cell(family.exponent?.upper))
        row.add("exponent.rejected", family.exponent.map { .bool($0.isRejected) } ?? .null)
        return row
      }
    }
  }
}

extension StudyReading.Cell {
  /// One over the square of the interval's width in ln n; small where an end isn't known.
  fileprivate var weight: Double {
    guard let lower = interval.lower, let upper = interval.upper, lower > 0, upper > lower else {
      return 1e-3
    }
    return 1 / pow(log(upper / lower), 2)
  }
}
