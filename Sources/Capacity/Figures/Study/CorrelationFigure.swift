import Foundation

/// One quantity of cells over another, with the coefficients of their correlation.
package struct CorrelationFigure: Figure {
  /// A cell, or what two cells that differ in their labels alone tell together.
  struct Point: Sendable {
    let label: String
    let x: Double
    let y: Double
    /// The cells, those on random labels second.
    let cells: [StudyReading.Cell]
    /// The interval of y, where the cell's result is known.
    let yInterval: (lower: Double, upper: Double)?

    var isSettled: Bool { cells.allSatisfy(\.isSettled) }
  }

  let correlation: StudyReading.Correlation
  let name: String
  private let points: [Point]

  /// - Parameter results: the cells' results by their labels, which have the intervals of what was tested.
  init(
    _ correlation: StudyReading.Correlation, of study: StudyReading, results: [String: JSONValue] = [:]
  ) {
    self.correlation = correlation
    name = study.name
    let measure = correlation.y == "generalization_gap" ? "gap" : correlation.y
    points = correlation.points.map { point in
      let own = study.cells.first { $0.label == point.label }
      let random = correlation.isOfEMC ? nil : own.flatMap(study.onRandomLabels)
      let cells = [own, random].compactMap(\.self)
      let interval = results[point.label]?["generalization"]?[measure]?["interval"]
      let ends = ["lower", "upper"].compactMap { interval?[$0]?.doubleValue }
      return Point(
        label: random == nil ? point.label : StudyReading.commonLabel(of: cells) ?? point.label,
        x: correlation.isOfEMC ? exp(point.x) : point.x, y: point.y, cells: cells,
        yInterval: ends.count == 2 ? (lower: ends[0], upper: ends[1]) : nil)
    }
  }

  package var svg: String {
    var page = FigurePage(
      title: name, lines: [coefficients] + [correlation.text].compactMap(\.self), description: description)
    page.y += 24
    let ends = points.flatMap { [$0.yInterval?.lower, $0.yInterval?.upper].compactMap(\.self) }
    // An end ten times away says that it isn't known.
    let largest = points.map { abs($0.x) }.max() ?? 0
    let samples = points.flatMap { point in
      [xInterval(point)?.lower, xInterval(point)?.upper].compactMap(\.self).filter {
        correlation.x == "emc_difference"
          ? abs($0) <= 10 * largest : $0 >= point.x / 10 && $0 <= point.x * 10
      }
    }
    let area = PlotArea(
      x: scale(
        correlation.isOfEMC ? .logarithmic : .linear, points.map(\.x) + samples, from: 76,
        to: page.width - 24),
      y: scale(.linear, points.map(\.y) + ends, from: page.y + 340, to: page.y),
      heading: Self.title(correlation.y), xTitle: Self.title(correlation.x))
    page.append(contentsOf: area.frame())
    page.append(contentsOf: labels(area))
    page.append(
      Draw.group("s0", points.flatMap { bars($0, area) } + points.map { mark($0, area) }))
    page.y = area.lowerEnd
    if points.contains(where: { !$0.isSettled }) {
      var legend = Legend()
      legend.add(.mark(.circle, classes: "hollow"), "hollow: not settled", group: "s0")
      page.y += 14
      page.append(legend, left: 76)
    }
    return page.svg()
  }

  private func scale(
    _ kind: AxisScale.Kind, _ values: [Double], from start: Double, to end: Double
  ) -> AxisScale {
    AxisScale(kind, AxisScale.domain(of: values, kind, padding: 0.08) ?? 1...2, start: start, end: end)
  }

  private func place(_ point: Point, _ area: PlotArea) -> (x: Double, y: Double) {
    (area.x.place(point.x), area.y.place(point.y))
  }

  private func mark(_ point: Point, _ area: PlotArea) -> SVGElement {
    let (x, y) = place(point, area)
    return MarkShape.circle.element(
      x: x, y: y, radius: 4.6, classes: point.isSettled ? "solid" : "hollow",
      title: "\(point.label): \(FigureDescription.short(point.x)), \(FigureDescription.short(point.y))")
  }

  /// Of the EMC, or of two cells' difference or ratio, from the intervals of both.
  private func xInterval(_ point: Point) -> MeasurementReading.Interval? {
    switch correlation.x {
    case "log_emc": return point.cells.first?.interval
    case "emc_difference": return combined(point, to: { $0 }, from: { $0 })
    case "emc_ratio": return combined(point, to: { $0 > 0 ? log($0) : nil }, from: exp)
    default: return nil
    }
  }

  /// x − √((a − l)² + (u′ − b)²) to x + √((u − a)² + (b − l′)²) for x = a − b with a in [l, u] and b in [l′, u′], on the scale on which
  /// x is a difference (MOVER: Zou and Donner, Construction of confidence limits about effect measures, Statistics in Medicine 27,
  /// 2008). An end that rests on one that isn't known is not known either.
  private func combined(_ point: Point, to scale: (Double) -> Double?, from unscaled: (Double) -> Double)
    -> MeasurementReading.Interval?
  {
    guard point.cells.count == 2, let a = point.cells[0].value.flatMap(scale),
      let b = point.cells[1].value.flatMap(scale)
    else { return nil }
    let (own, random) = (point.cells[0].interval, point.cells[1].interval)
    func end(_ first: Double?, _ second: Double?) -> Double? {
      guard let first = first.flatMap(scale), let second = second.flatMap(scale) else { return nil }
      return hypot(first - a, second - b)
    }
    return MeasurementReading.Interval(
      level: own.level, lower: end(own.lower, random.upper).map { unscaled(a - b - $0) },
      upper: end(own.upper, random.lower).map { unscaled(a - b + $0) })
  }

  /// The intervals that are known: of what was tested, and of what was fitted.
  private func bars(_ point: Point, _ area: PlotArea) -> [SVGElement] {
    let (x, y) = place(point, area)
    var elements: [SVGElement] = []
    if let interval = point.yInterval {
      elements += IntervalBar(scale: area.y, lower: interval.lower, upper: interval.upper)
        .vertical(x: x, classes: "line thin")
    }
    if let interval = xInterval(point) {
      elements += IntervalBar(
        scale: area.x, lower: known(interval.lower), upper: interval.upper
      ).horizontal(y: y, cap: 4, classes: "line thin")
    }
    return elements
  }

  /// A logarithmic axis has no place for an end at 0.
  private func known(_ lower: Double?) -> Double? {
    lower.flatMap { correlation.isOfEMC && $0 <= 0 ? nil : $0 }
  }

  /// What a point's mark and its intervals take.
  private func boxes(_ point: Point, _ area: PlotArea) -> [LabelRoom.Box] {
    let (x, y) = place(point, area)
    var boxes = [LabelRoom.Box(x: x - 6, y: y - 6, width: 12, height: 12)]
    if let interval = point.yInterval {
      let (top, bottom) = (area.y.clampedPlace(interval.upper), area.y.clampedPlace(interval.lower))
      boxes.append(LabelRoom.Box(x: x - 4, y: top, width: 8, height: bottom - top))
    }
    if let interval = xInterval(point) {
      let left = known(interval.lower).map(area.x.clampedPlace) ?? area.left
      let right = interval.upper.map(area.x.clampedPlace) ?? area.right
      boxes.append(LabelRoom.Box(x: left, y: y - 4, width: right - left, height: 8))
    }
    return boxes
  }

  /// Labels near their points where they cover neither another point nor another label, with a line to the point where they
  /// stand further off.
  private func labels(_ area: PlotArea) -> [SVGElement] {
    let metrics = TextMetrics(size: 11)
    let places = points.map { place($0, area) }
    var room = LabelRoom(within: area, around: points.flatMap { boxes($0, area) })
    return zip(points, places).flatMap { point, place -> [SVGElement] in
      let text = metrics.shortened(point.label, to: 180)
      guard let found = room.place(metrics.width(text), among: Self.around(place)) else { return [] }
      let label = Draw.text(text, x: found.x, y: found.y + 4, classes: "muted small\(found.anchor.rawValue)")
      let isNear = hypot(found.x - place.x, found.y - place.y) <= 16
      return isNear ? [label] : [Draw.line(place.x, place.y, found.x, found.y, classes: "axis"), label]
    }
  }

  /// Beside, above and below a point, then ever further off.
  private static func around(_ point: (x: Double, y: Double)) -> [LabelRoom.Place] {
    let steps: [Double] = [0, 14, 28, 42, 56, 70]
    return steps.flatMap { further -> [LabelRoom.Place] in
      let (beside, above, aside, over) = (8 + further, 14 + further, 6 + further, 12 + further)
      let places: [(x: Double, y: Double, anchor: LabelRoom.Place.Anchor)] = [
        (beside, 0, .start), (-beside, 0, .end), (0, -above, .middle), (0, above, .middle),
        (aside, -over, .start), (aside, over, .start), (-aside, -over, .end), (-aside, over, .end),
      ]
      return places.map { LabelRoom.Place(x: point.x + $0.x, y: point.y + $0.y, anchor: $0.anchor) }
    }
  }

  private static func title(_ quantity: String) -> String {
    switch quantity {
    case "log_emc": "EMC, training samples"
    case "emc_difference": "EMC on own labels less EMC on random labels, training samples"
    case "emc_ratio": "EMC on own labels / EMC on random labels"
    case "test_accuracy": "test accuracy"
    case "generalization_gap": "training accuracy less test accuracy"
    default: quantity.replacing("_", with: " ")
    }
  }

  /// Pearson 0.93 (0.71 to 0.98) · …
  private var coefficients: String {
    func decimal(_ value: Double) -> String { String(format: "%.2f", value).replacing("-", with: "−") }
    return correlation.coefficients.map { coefficient in
      var text = "\(coefficient.name.capitalized) \(decimal(coefficient.value))"
      if let lower = coefficient.lower, let upper = coefficient.upper {
        text += " (\(decimal(lower)) to \(decimal(upper)))"
      }
      return text
    }.joined(separator: "  ·  ")
  }

  private var description: String {
    "\(Self.title(correlation.y)) over \(Self.title(correlation.x)) of \(points.count) cells. \(coefficients). "
      + (correlation.text ?? "")
  }

  package static let columns = ["label"]

  package var rows: [TableRow] {
    zip(correlation.points, points).map { told, point in
      var row = TableRow([
        "label": .string(point.label), correlation.x: .cell(told.x), correlation.y: .cell(told.y),
      ])
      if !correlation.isOfEMC {
        row.add("\(correlation.x).lower", .cell(xInterval(point)?.lower))
        row.add("\(correlation.x).upper", .cell(xInterval(point)?.upper))
      }
      row.add("\(correlation.y).lower", .cell(point.yInterval?.lower))
      row.add("\(correlation.y).upper", .cell(point.yInterval?.upper))
      for (cell, name) in zip(point.cells, ["emc", "random.emc"]) {
        row.add(name, .optional(cell.emc))
        row.add("\(name).lower", .cell(cell.interval.lower))
        row.add("\(name).upper", .cell(cell.interval.upper))
      }
      return row
    }
  }
}

extension StudyReading.Correlation {
  /// Whether it is of the EMC itself, whose logarithm is correlated.
  fileprivate var isOfEMC: Bool { x == "log_emc" }
}
