import Training

/// The fit curves of several measurements as small multiples: the same axes for all, each with its band, its EMC and every
/// probe.
package struct FitCurvesFigure: Figure {
  let name: String
  let panels: [(label: String, reading: MeasurementReading)]

  /// - Throws: `SpecificationError` where one is no result; its pointers begin with the result's index.
  init(_ results: [(label: String, result: JSONValue)], of study: String) throws(SpecificationError) {
    name = study
    var panels: [(label: String, reading: MeasurementReading)] = []
    for (index, entry) in results.enumerated() {
      do throws(SpecificationError) {
        panels.append((entry.label, try MeasurementReading(entry.result)))
      } catch {
        throw SpecificationError(
          faults: error.faults.map {
            SpecificationFault(
              pointer: "/\(index)\($0.pointer)", value: $0.value, allowed: $0.allowed, detail: $0.detail)
          }, count: error.count)
      }
    }
    self.panels = panels
  }

  private static let plotHeight = 96.0
  private static let stackHeight = 24.0

  package var svg: String {
    var page = FigurePage(
      title: name, lines: ["Fit probability over training samples"],
      description: "Fit curves of \(panels.count) measurements: "
        + panels.prefix(40).map { "\($0.label): EMC \($0.reading.emc.map(Summary.count) ?? "not claimed")" }
        .joined(separator: "; ") + ".")
    page.y += 24
    let places = SmallMultiples(
      count: panels.count, top: page.y, rowHeight: Self.plotHeight + 2 * Self.stackHeight + 58,
      pageWidth: page.width)
    for (index, panel) in panels.enumerated() {
      let (x, y) = places.corner(index)
      page.append(
        contentsOf: drawn(
          panel, x: x, top: y + Self.stackHeight + 6, width: places.width, isFirst: places.isFirst(index)))
    }
    page.y = places.bottom
    page.append(Draw.text("training samples n", x: page.width / 2, y: page.y - 8, classes: "middle"))
    page.y += 4
    page.append(legend, left: SmallMultiples.left)
    return page.svg()
  }

  /// Sizes around all curves.
  private var domain: ClosedRange<Double> {
    let shown = panels.flatMap { panel -> [Double] in
      let interval = [panel.reading.interval.lower, panel.reading.interval.upper].compactMap(\.self)
      return (panel.reading.curve?.samples ?? panel.reading.probes.map { Double($0.samples) }) + interval
    }
    return AxisScale.domain(of: shown, .logarithmic, padding: 0.03) ?? 1...10_000
  }

  private func drawn(
    _ panel: (label: String, reading: MeasurementReading), x: Double, top: Double, width: Double,
    isFirst: Bool
  ) -> [SVGElement] {
    let reading = panel.reading
    var area = PlotArea(
      x: AxisScale(.logarithmic, domain, start: x, end: x + width),
      y: AxisScale(.linear, 0...1, start: top + Self.plotHeight, end: top),
      heading: TextMetrics(size: 13, isBold: true).shortened(panel.label, to: width), xTitle: "")
    area.yTicks = [0, 0.5, 1].map { Tick(value: $0, label: $0 == 0.5 ? "0.5" : "\(Int($0))") }
    area.showsYLabels = isFirst
    (area.above, area.below) = (Self.stackHeight, Self.stackHeight)
    return area.frame() + curve(reading, area) + marks(reading, area) + threshold(reading, area)
  }

  private func curve(_ reading: MeasurementReading, _ area: PlotArea) -> [SVGElement] {
    guard let curve = reading.curve, !reading.probes.isEmpty else { return [] }
    func points(_ values: [Double]) -> [(x: Double, y: Double)] {
      zip(curve.samples, values).map { (area.x.place($0.0), area.y.place($0.1)) }
    }
    return [
      Draw.group(
        "s0",
        [
          Draw.band(points(curve.upper), points(curve.lower), classes: "band"),
          Draw.polyline(points(curve.median), classes: "line"),
        ])
    ]
  }

  private func marks(_ reading: MeasurementReading, _ area: PlotArea) -> [SVGElement] {
    let shown = reading.probes.filter { !$0.isSuperseded && area.x.contains(Double($0.samples)) }
    return [true, false].flatMap { isFit -> [SVGElement] in
      let probes = shown.filter { ($0.outcome == .fit) == isFit }.stacked
      let stack = DotStack(
        probes.map { area.x.place(Double($0.samples)) }, height: Self.stackHeight - 4, radii: [2, 1.6, 1.3])
      return probes.indices.map { index in
        let outcome = probes[index].outcome
        return outcome.element(
          index, in: stack, from: isFit ? area.top - 3 : area.bottom + 3, isFit ? -1 : 1,
          classes: " thin s\(outcome.mark.series)")
      }
    }
  }

  private func threshold(_ reading: MeasurementReading, _ area: PlotArea) -> [SVGElement] {
    guard let emc = reading.emc, !reading.probes.isEmpty else { return [] }
    let value = reading.threshold ?? Double(emc)
    let half = area.y.place(0.5)
    let bar = IntervalBar(scale: area.x, lower: reading.interval.lower, upper: reading.interval.upper)
    let mark = MarkShape.diamond.element(
      x: area.x.clampedPlace(value), y: half, radius: 3.6, classes: "solid")
    let isLeft = area.x.clampedPlace(value) < (area.left + area.right) / 2
    return [
      Draw.group("s5", bar.horizontal(y: half, cap: 4, classes: "line thin") + (value > 0 ? [mark] : [])),
      Draw.text(
        Summary.count(emc), x: isLeft ? area.right - 4 : area.left + 4,
        y: isLeft ? area.top + 14 : area.bottom - 6,
        classes: isLeft ? "strong halo end" : "strong halo"),
    ]
  }

  private var legend: Legend {
    var legend = Legend()
    let seen = Set(panels.flatMap { $0.reading.probes.map(\.outcome) })
    for outcome in Outcome.allCases where seen.contains(outcome) {
      let mark = outcome.mark
      legend.add(
        .mark(mark.shape, classes: mark.isSolid ? "solid" : "hollow"), outcome.legend,
        group: "s\(mark.series)")
    }
    legend.add(.line(classes: "line"), "fit curve with band", group: "s0")
    legend.add(.interval(.diamond, classes: "solid"), "EMC with interval", group: "s5")
    return legend
  }

  package static let columns = ["label"] + MeasurementFigure.columns

  package var rows: [TableRow] {
    panels.flatMap { panel in
      MeasurementFigure(panel.reading).rows.map { row in
        var labelled = TableRow(["label": .string(panel.label)])
        for cell in row.cells { labelled.add(cell.column, cell.value) }
        return labelled
      }
    }
  }
}
