import Foundation

/// EMCs above 0 over the steps that a probe may take: where they lie, and how they are drawn.
struct BudgetCurve {
  let budgets: [MeasurementReading.Budget]

  /// Logarithmic axes on which all of these budgets have room.
  static func domains(of budgets: [MeasurementReading.Budget]) -> (
    steps: ClosedRange<Double>, emcs: ClosedRange<Double>
  ) {
    let steps = AxisScale.domain(of: budgets.map(\.steps), .logarithmic) ?? 1...10_000
    // An end that is a hundred times the EMC says that it isn't known: the axis is for the others.
    let values = budgets.flatMap { budget -> [Double] in
      let emc = Double(budget.emc ?? 1)
      return [emc]
        + [budget.interval.lower, budget.interval.upper].compactMap(\.self)
        .filter { $0 >= emc / 10 && $0 <= emc * 10 }
    }
    var emcs = AxisScale.domain(of: values, .logarithmic, padding: 0.06) ?? 1...10_000
    // Room for the arrows of ends that lie beyond.
    if budgets.contains(where: { ($0.interval.lower ?? 0) < emcs.lowerBound }) {
      emcs = (emcs.lowerBound / pow(emcs.upperBound / emcs.lowerBound, 0.15))...emcs.upperBound
    }
    if budgets.contains(where: { ($0.interval.upper ?? .infinity) > emcs.upperBound }) {
      emcs = emcs.lowerBound...(emcs.upperBound * pow(emcs.upperBound / emcs.lowerBound, 0.15))
    }
    return (steps, emcs)
  }

  /// A line through the EMCs with their intervals and marks.
  func elements(_ area: PlotArea, radius: Double = 4.2) -> [SVGElement] {
    let places = budgets.map { (x: area.x.place($0.steps), y: area.y.clampedPlace(Double($0.emc ?? 1))) }
    var drawn = [Draw.polyline(places, classes: "line thin")]
    for (budget, place) in zip(budgets, places) {
      drawn += IntervalBar(
        scale: area.y, lower: budget.interval.lower.flatMap { $0 > 0 ? $0 : nil },
        upper: budget.interval.upper
      ).vertical(x: place.x, classes: "line thin")
    }
    for (budget, place) in zip(budgets, places) {
      drawn.append(
        MarkShape.diamond.element(
          x: place.x, y: place.y, radius: radius, classes: "solid",
          title: "\(Summary.count(Int(budget.steps))) steps: EMC \(Summary.count(budget.emc ?? 0)) "
            + "(\(FigureDescription.interval(budget.interval)))"))
    }
    return [Draw.group("s5", drawn)]
  }
}
