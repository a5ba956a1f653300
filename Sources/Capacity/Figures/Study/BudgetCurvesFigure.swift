/// The EMC of several measurements over the steps that a probe may take, as small multiples: the same axes for all, each with its
/// intervals, and whether it settles.
package struct BudgetCurvesFigure: Figure {
  let name: String
  let panels: [(label: String, reading: MeasurementReading)]

  /// Nil where no measurement tells of two budgets.
  init?(_ curves: FitCurvesFigure) {
    name = curves.name
    panels = curves.panels.filter { !$0.reading.shownBudgets.isEmpty }
    guard panels.contains(where: { $0.reading.shownBudgets.count >= 2 }) else { return nil }
  }

  private static let plotHeight = 120.0

  package var svg: String {
    var page = FigurePage(
      title: name, lines: ["EMC over the steps that a probe may take"],
      description: "EMC over steps of \(panels.count) measurements: "
        + panels.prefix(40).map { "\($0.label): \(Self.note($0.reading))" }.joined(separator: "; ") + ".")
    page.y += 24
    let places = SmallMultiples(
      count: panels.count, top: page.y, rowHeight: Self.plotHeight + 70, pageWidth: page.width)
    let domains = BudgetCurve.domains(of: panels.flatMap(\.reading.shownBudgets))
    for (index, panel) in panels.enumerated() {
      let (x, y) = places.corner(index)
      let top = y + 14
      var area = PlotArea(
        x: AxisScale(.logarithmic, domains.steps, start: x, end: x + places.width),
        y: AxisScale(.logarithmic, domains.emcs, start: top + Self.plotHeight, end: top),
        heading: TextMetrics(size: 13, isBold: true).shortened(panel.label, to: places.width),
        note: Self.note(panel.reading), xTitle: "")
      area.showsYLabels = places.isFirst(index)
      page.append(contentsOf: area.frame())
      page.append(contentsOf: BudgetCurve(budgets: panel.reading.shownBudgets).elements(area, radius: 3.2))
    }
    page.y = places.bottom
    page.append(Draw.text("steps", x: page.width / 2, y: page.y - 8, classes: "middle"))
    page.y += 4
    var legend = Legend()
    legend.add(
      .interval(.diamond, classes: "solid"),
      "EMC, training samples, with interval; in brackets what twice the steps would add", group: "s5")
    page.append(legend, left: SmallMultiples.left)
    return page.svg()
  }

  /// settled at 16,000 steps, or not settled by 400 steps (+23 %): as much as a panel's width holds.
  private static func note(_ reading: MeasurementReading) -> String {
    let steps =
      reading.guardSteps.map { " \(reading.isSettled == true ? "at" : "by") \(Summary.count($0)) steps" }
      ?? ""
    if reading.isSettled == true { return "settled\(steps)" }
    let growth = reading.growth.map { " (+\(FigureDescription.percent($0.value)) %)" } ?? ""
    return "not settled\(steps)\(growth)"
  }

  package static let columns = ["label", "steps", "emc", "lower", "upper", "settled"]

  package var rows: [TableRow] {
    panels.flatMap { panel in
      panel.reading.shownBudgets.map { budget in
        TableRow([
          "label": .string(panel.label), "steps": .cell(budget.steps), "emc": .optional(budget.emc),
          "lower": .cell(budget.interval.lower), "upper": .cell(budget.interval.upper),
          "settled": panel.reading.isSettled.map(JSONValue.bool) ?? .null,
        ])
      }
    }
  }
}
