/// The EMC over the steps that a probe may take: what the same probes give at every halving of their guard.
struct BudgetPanel {
  let reading: MeasurementReading
  private let left: Double
  private let right: Double
  private let shown: [MeasurementReading.Budget]

  private static let plotHeight = 150.0

  /// Nil of a measurement that has ended without an EMC at any budget.
  init?(_ reading: MeasurementReading, left: Double, right: Double) {
    self.reading = reading
    (self.left, self.right) = (left, right)
    shown = reading.shownBudgets
    if shown.isEmpty, reading.isComplete { return nil }
  }

  var height: Double { Self.plotHeight + 44 }

  func area(top: Double) -> PlotArea {
    let (steps, emcs) = BudgetCurve.domains(of: shown)
    let area = PlotArea(
      x: AxisScale(.logarithmic, steps, start: left, end: right),
      y: AxisScale(.logarithmic, emcs, start: top + Self.plotHeight, end: top),
      heading: "EMC over the budget",
      note: note, xTitle: "steps that a probe may take")
    return area
  }

  private var note: String {
    guard let growth = reading.growth, !shown.isEmpty else {
      return "What the same probes give at every halving of their steps, with intervals."
    }
    func percent(_ value: Double) -> String { FigureDescription.percent(value) }
    return
      "As in the last doubling, twice the steps raise it by \(percent(growth.value)) % (\(percent(growth.lower)) to \(percent(growth.upper)) %)"
      + (reading.isSettled == true ? ": settled." : ": not settled.")
  }

  func elements(top: Double) -> [SVGElement] {
    let area = area(top: top)
    let frame = area.frame()
    guard !shown.isEmpty else {
      return frame + [
        Draw.text(
          "No budget has an estimate yet", x: (area.left + area.right) / 2, y: (area.top + area.bottom) / 2,
          classes: "muted middle halo")
      ]
    }
    return frame + BudgetCurve(budgets: shown).elements(area)
  }
}
