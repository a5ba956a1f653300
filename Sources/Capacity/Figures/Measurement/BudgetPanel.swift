import Foundation

/// The EMC over the steps that a probe may take: what the same probes give at every halving of their guard.
struct BudgetPanel {
  let reading: MeasurementReading
  private let left: Double
  private let right: Double
  private let shown: [MeasurementReading.Budget]

  private static let plotHeight = 150.0

  init(_ reading: MeasurementReading, left: Double, right: Double) {
    self.reading = reading
    (self.left, self.right) = (left, right)
    shown = reading.probes.isEmpty ? [] : reading.budgets.filter { ($0.emc ?? 0) > 0 }
  }

  var height: Double { Self.plotHeight + 44 }

  func area(top: Double) -> PlotArea {
    let steps = AxisScale.domain(of: shown.map(\.steps), .logarithmic) ?? 1...10_000
    // An end that is a hundred times the EMC says that it isn't known: the axis is for the others.
    let values = shown.flatMap { budget -> [Double] in
      let emc = Double(budget.emc ?? 1)
      return [emc]
        + [budget.interval.lower, budget.interval.upper].compactMap(\.self)
        .filter { $0 >= emc / 10 && $0 <= emc * 10 }
    }
    var emcs = AxisScale.domain(of: values, .logarithmic, padding: 0.06) ?? 1...10_000
    // Room for the arrows of ends that lie beyond.
    if shown.contains(where: { ($0.interval.lower ?? 0) < emcs.lowerBound }) {
      emcs = (emcs.lowerBound / pow(emcs.upperBound / emcs.lowerBound, 0.15))...emcs.upperBound
    }
    if shown.contains(where: { ($0.interval.upper ?? .infinity) > emcs.upperBound }) {
      emcs = emcs.lowerBound...(emcs.upperBound * pow(emcs.upperBound / emcs.lowerBound, 0.15))
    }
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
      "Twice the steps raise it by \(percent(growth.value)) % (\(percent(growth.lower)) to \(percent(growth.upper)) %)"
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
    let places = shown.map { (x: area.x.place($0.steps), y: area.y.clampedPlace(Double($0.emc ?? 1))) }
    var drawn = [Draw.polyline(places, classes: "line thin")]
    for (budget, place) in zip(shown, places) {
      drawn += IntervalBar(
        scale: area.y, lower: budget.interval.lower.flatMap { $0 > 0 ? $0 : nil },
        upper: budget.interval.upper
      ).vertical(x: place.x, classes: "line thin")
    }
    for (budget, place) in zip(shown, places) {
      drawn.append(
        MarkShape.diamond.element(
          x: place.x, y: place.y, radius: 4.2, classes: "solid",
          title: "\(Summary.count(Int(budget.steps))) steps: EMC \(Summary.count(budget.emc ?? 0)) "
            + "(\(FigureDescription.interval(budget.interval)))"))
    }
    return frame + [Draw.group("s5", drawn)]
  }
}
