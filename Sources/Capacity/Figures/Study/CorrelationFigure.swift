import Foundation

/// One quantity of cells over another, with the coefficients of their correlation.
package struct CorrelationFigure: Figure {
  let correlation: StudyReading.Correlation
  let name: String

  init(_ correlation: StudyReading.Correlation, of study: String) {
    self.correlation = correlation
    name = study
  }

  package var svg: String {
    var page = FigurePage(
      title: name, lines: [coefficients] + [correlation.text].compactMap(\.self), description: description)
    page.y += 24
    let area = PlotArea(
      x: scale(correlation.points.map(\.x), from: 76, to: page.width - 24),
      y: scale(correlation.points.map(\.y), from: page.y + 340, to: page.y),
      heading: Self.title(correlation.y), xTitle: Self.title(correlation.x))
    page.append(contentsOf: area.frame())
    let places = correlation.points.map { (x: area.x.place($0.x), y: area.y.place($0.y)) }
    page.append(contentsOf: labels(places, area))
    page.append(
      Draw.group(
        "s0",
        zip(correlation.points, places).map { point, place in
          MarkShape.circle.element(
            x: place.x, y: place.y, radius: 4.6, classes: "solid",
            title: "\(point.label): \(FigureDescription.short(point.x)), \(FigureDescription.short(point.y))")
        }))
    page.y = area.lowerEnd
    return page.svg()
  }

  private func scale(_ values: [Double], from start: Double, to end: Double) -> AxisScale {
    AxisScale(
      .linear, AxisScale.domain(of: values, .linear, padding: 0.08) ?? 0...1, start: start, end: end)
  }

  /// Labels beside their points where they cover neither another point nor another label; who points at a mark is told all
  /// the same.
  private func labels(_ places: [(x: Double, y: Double)], _ area: PlotArea) -> [SVGElement] {
    let metrics = TextMetrics(size: 11)
    var taken = places.map { Box(x: $0.x - 6, y: $0.y - 6, width: 12, height: 12) }
    var elements: [SVGElement] = []
    for (index, place) in places.enumerated() {
      let text = metrics.shortened(correlation.points[index].label, to: 180)
      let width = metrics.width(text)
      let options: [(box: Box, classes: String, x: Double)] = [
        (Box(x: place.x + 8, y: place.y - 6, width: width, height: 12), "muted small", place.x + 8),
        (
          Box(x: place.x - 8 - width, y: place.y - 6, width: width, height: 12), "muted small end",
          place.x - 8
        ),
        (
          Box(x: place.x - width / 2, y: place.y - 20, width: width, height: 12), "muted small middle",
          place.x
        ),
        (
          Box(x: place.x - width / 2, y: place.y + 8, width: width, height: 12), "muted small middle", place.x
        ),
      ]
      let free = options.first { option in
        option.box.x >= area.left && option.box.x + option.box.width <= area.right && option.box.y >= area.top
          && option.box.y + 12 <= area.bottom
          && !taken.enumerated().contains { $0.offset != index && $0.element.overlaps(option.box) }
      }
      guard let free else { continue }
      taken.append(free.box)
      elements.append(Draw.text(text, x: free.x, y: free.box.y + 10, classes: free.classes))
    }
    return elements
  }

  private struct Box {
    let x, y, width, height: Double

    func overlaps(_ other: Box) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
    }
  }

  private static func title(_ quantity: String) -> String {
    switch quantity {
    case "emc": "EMC"
    case "log_emc": "ln EMC"
    case "emc_difference": "EMC on own labels less EMC on random labels"
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
    "\(Self.title(correlation.y)) over \(Self.title(correlation.x)) of \(correlation.points.count) cells. \(coefficients). "
      + (correlation.text ?? "")
  }

  package static let columns = ["label"]

  package var rows: [TableRow] {
    correlation.points.map { point in
      TableRow([
        "label": .string(point.label), correlation.x: .cell(point.x), correlation.y: .cell(point.y),
      ])
    }
  }
}
