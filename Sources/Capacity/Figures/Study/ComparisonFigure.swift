/// The cells of a study side by side: a dot with its interval for each, the largest EMC first; what has none comes last.
package struct ComparisonFigure: Figure {
  let reading: StudyReading
  private let measured: [StudyReading.Cell]
  private let missing: [StudyReading.Cell]

  init(_ reading: StudyReading) {
    self.reading = reading
    measured = reading.cells.filter { $0.value != nil }
      .enumerated().sorted { ($1.element.value ?? 0, $0.offset) < ($0.element.value ?? 0, $1.offset) }.map(
        \.element)
    missing = reading.cells.filter { $0.value == nil }
  }

  private static let rowHeight = 26.0

  package var svg: String {
    var page = FigurePage(
      title: reading.name,
      lines: ["EMC of \(measured.count) of \(reading.cells.count) cells"]
        + [reading.verdict].compactMap(\.self),
      description: description)
    let metrics = TextMetrics(size: 12)
    let labelWidth = min(280, max(60, reading.cells.map { metrics.width($0.label) }.max() ?? 60))
    let valueWidth = measured.map { metrics.width(value($0)) }.max() ?? 0
    let left = FigurePage.margin + labelWidth + 14
    let right = page.width - FigurePage.margin - valueWidth - 14
    page.y += 22
    let top = page.y
    let scale = scale(from: left, to: right)
    let height = Double(measured.count) * Self.rowHeight
    page.append(contentsOf: axis(scale, top: top, bottom: top + height))
    for (index, cell) in measured.enumerated() {
      let y = top + (Double(index) + 0.5) * Self.rowHeight
      page.append(contentsOf: row(cell, scale, y: y, labelWidth: labelWidth))
      page.append(Draw.text(value(cell), x: right + 14, y: y + 4, classes: "muted"))
    }
    page.y = top + height + 56
    for cell in missing {
      let reason =
        cell.missing
        ?? (cell.emc == nil
          ? "no EMC is claimed"
          : cell.emc == 0 ? "not even one sample is fitted" : "its EMC may lie anywhere")
      let text = metrics.shortened("\(cell.label): \(reason)", to: page.width - 2 * FigurePage.margin)
      page.append(Draw.text(text, x: FigurePage.margin, y: page.y, classes: "muted"))
      page.y += 18
    }
    page.append(legend, left: left)
    return page.svg()
  }

  private func scale(from left: Double, to right: Double) -> AxisScale {
    let values = measured.flatMap { cell -> [Double] in
      let value = cell.value ?? 1
      // An end a hundred times away says that it isn't known.
      return [value]
        + [cell.interval.lower, cell.interval.upper].compactMap(\.self).filter {
          $0 >= value / 100 && $0 <= value * 100 && $0 > 0
        }
    }
    return AxisScale(
      .logarithmic, AxisScale.domain(of: values, .logarithmic, padding: 0.05) ?? 1...1000, start: left,
      end: right)
  }

  private func axis(_ scale: AxisScale, top: Double, bottom: Double) -> [SVGElement] {
    var area = PlotArea(
      x: scale, y: AxisScale(.linear, 0...1, start: bottom, end: top), heading: "",
      xTitle: "EMC, in training samples")
    area.yTicks = []
    return area.frame()
  }

  private func row(_ cell: StudyReading.Cell, _ scale: AxisScale, y: Double, labelWidth: Double)
    -> [SVGElement]
  {
    let bar = IntervalBar(
      scale: scale, lower: cell.interval.lower.flatMap { $0 > 0 ? $0 : nil }, upper: cell.interval.upper)
    let mark = MarkShape.circle.element(
      x: scale.place(cell.value ?? 1), y: y, radius: 4.6, classes: cell.isSettled ? "solid" : "hollow",
      title: "\(cell.label): EMC \(value(cell))")
    return [
      Draw.line(scale.start, y, scale.end, y, classes: "grid"),
      Draw.text(
        TextMetrics(size: 12).shortenedInside(cell.label, to: labelWidth), x: FigurePage.margin + labelWidth,
        y: y + 4,
        classes: "end"),
      Draw.group("s0", bar.horizontal(y: y, cap: 4, classes: "line") + [mark]),
    ]
  }

  /// 1,216 (1,150 to 1,290)
  private func value(_ cell: StudyReading.Cell) -> String {
    let interval = FigureDescription.interval(cell.interval)
    let ends = interval.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? interval
    return "\(cell.emc.map(Summary.count) ?? "–") (\(ends))"
  }

  private var legend: Legend {
    var legend = Legend()
    let level = measured.first.map { "\(FigureDescription.short(100 * $0.interval.level)) % interval" } ?? ""
    if measured.contains(where: \.isSettled) {
      legend.add(.interval(.circle, classes: "solid"), "EMC, \(level)", group: "s0")
    }
    if measured.contains(where: { !$0.isSettled }) {
      legend.add(.interval(.circle, classes: "hollow"), "EMC that has not settled, \(level)", group: "s0")
    }
    return legend
  }

  private var description: String {
    let cells = measured.prefix(40).map { "\($0.label): \(value($0))" }.joined(separator: "; ")
    return (["EMC by cell, the largest first. \(cells)."] + [reading.verdict].compactMap(\.self)).joined(
      separator: " ")
  }

  package static let columns = [
    "label", "emc", "threshold", "interval.lower", "interval.upper", "interval.level", "settled",
    "parameter_count",
    "missing",
  ]

  package var rows: [TableRow] { (measured + missing).map(\.row) }
}

extension StudyReading.Cell {
  /// What figures show of it.
  var row: TableRow {
    TableRow([
      "label": .string(label), "emc": .optional(emc), "threshold": .cell(threshold),
      "interval.lower": .cell(interval.lower), "interval.upper": .cell(interval.upper),
      "interval.level": .number(interval.level), "settled": value == nil ? .null : .bool(isSettled),
      "parameter_count": .optional(parameterCount), "missing": missing.map(JSONValue.string) ?? .null,
    ])
  }
}
