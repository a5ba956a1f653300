import Foundation
import Training

/// The fit probability over the size. Fits are stacked upwards from 1, failures downwards from 0, each at its exact size; the
/// few probes far from the curve, which a search begins with, are drawn in margins that have a scale of their own.
struct ProbabilityPanel {
  let reading: MeasurementReading
  let sizes: SizeAxis
  private let left: Double
  private let right: Double
  private let fits: [MeasurementReading.Probe]
  private let failures: [MeasurementReading.Probe]
  private let fitStack: DotStack
  private let failureStack: DotStack

  private static let plotHeight = 190.0
  private static let stackHeight = 96.0
  /// Between a stack and the line that it stands on.
  private static let gap = 7.0

  init(_ reading: MeasurementReading, left: Double, right: Double) {
    self.reading = reading
    (self.left, self.right) = (left, right)
    let sizes = SizeAxis(reading, left: left, right: right)
    self.sizes = sizes
    fits = reading.probes.filter { $0.outcome == .fit }
    failures = reading.probes.filter { $0.outcome != .fit }.stacked
    func stack(_ probes: [MeasurementReading.Probe], radii: [Double]? = nil) -> DotStack {
      let places = probes.map { sizes.place(Double($0.samples)) }
      let isLast = probes.map(\.isSuperseded)
      return radii.map { DotStack(places, isLast: isLast, height: Self.stackHeight, radii: $0) }
        ?? DotStack(places, isLast: isLast, height: Self.stackHeight)
    }
    // One radius for both.
    let radius = min(stack(fits).radius, stack(failures).radius)
    fitStack = stack(fits, radii: [radius])
    failureStack = stack(failures, radii: [radius])
  }

  /// What stands above the curve, and below it.
  private var above: Double { max(14, fitStack.height + Self.gap) }
  private var below: Double { max(14, failureStack.height + Self.gap) }

  /// From the top to where the legend begins.
  var height: Double { above + Self.plotHeight + below + 54 }

  private func area(top: Double) -> PlotArea {
    let y = AxisScale(.linear, 0...1, start: top + above + Self.plotHeight, end: top + above)
    var area = PlotArea(
      x: sizes.scale, y: y, heading: "Fit probability",
      note:
        "Chance that a training run fits all its samples; each mark is a run, fits above, failures below.",
      xTitle: "training samples n")
    area.yTicks = [0, 0.25, 0.5, 0.75, 1].map {
      Tick(value: $0, label: $0 == 0 || $0 == 1 ? "\(Int($0))" : "\($0)")
    }
    (area.above, area.below) = (above, below)
    (area.left, area.right) = (left, right)
    return area
  }

  func elements(top: Double) -> [SVGElement] {
    let area = area(top: top)
    return area.frame() + margins(area) + curve(area) + marks(area) + threshold(area)
  }

  private func margins(_ area: PlotArea) -> [SVGElement] {
    sizes.margins.flatMap { margin in
      let line = area.bottom + area.below
      return [
        Draw.line(margin.left, line, margin.right, line, classes: "reference"),
        Draw.text(
          margin.label, x: (margin.left + margin.right) / 2, y: line + 18, classes: "muted middle small"),
      ]
    }
  }

  private func curve(_ area: PlotArea) -> [SVGElement] {
    guard let curve = reading.curve, !reading.probes.isEmpty else { return [] }
    func points(_ values: [Double]) -> [(x: Double, y: Double)] {
      zip(curve.samples, values).filter { sizes.scale.contains($0.0) }
        .map { (sizes.scale.place($0.0), area.y.place($0.1)) }
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

  /// Beyond this many probes marks have no texts of their own, which would be most of the file.
  static let describedMarks = 2_000

  private func marks(_ area: PlotArea) -> [SVGElement] {
    let isDescribed = reading.probes.count <= Self.describedMarks
    return Outcome.allCases.compactMap { outcome in
      let (probes, stack, direction) =
        outcome == .fit ? (fits, fitStack, -1.0) : (failures, failureStack, 1.0)
      let base = (outcome == .fit ? area.top : area.bottom) + direction * Self.gap
      let elements = probes.indices.filter { probes[$0].outcome == outcome }.map { index in
        outcome.element(
          index, in: stack, from: base, direction, classes: probes[index].isSuperseded ? " faint" : "",
          title: isDescribed ? Self.title(probes[index]) : nil)
      }
      return elements.isEmpty ? nil : Draw.group("s\(outcome.mark.series)", elements)
    }
  }

  private static func title(_ probe: MeasurementReading.Probe) -> String {
    "\(Summary.count(probe.samples)) samples, replicate \(probe.replicate): \(probe.outcome.legend), "
      + "\(Summary.count(probe.steps)) steps" + (probe.isSuperseded ? "; trained on with a longer guard" : "")
  }

  private func threshold(_ area: PlotArea) -> [SVGElement] {
    guard !reading.probes.isEmpty, let emc = reading.emc else { return [] }
    let half = area.y.place(0.5)
    let bar = IntervalBar(scale: sizes.scale, lower: reading.interval.lower, upper: reading.interval.upper)
    var elements = [
      Draw.line(left, half, right, half, classes: "reference"),
      Draw.group("s5", bar.horizontal(y: half, cap: 6, classes: "line thin")),
    ]
    let value = reading.threshold ?? Double(emc)
    if sizes.scale.contains(value) {
      let x = sizes.scale.place(value)
      elements += [
        Draw.line(x, half, x, area.bottom + area.below, classes: "reference"),
        Draw.group("s5", [MarkShape.diamond.element(x: x, y: half, radius: 4.5, classes: "solid")]),
      ]
    }
    return elements + label("EMC \(Summary.count(emc))", half)
  }

  /// Above the interval's right end, where no falling curve passes; beneath its left end where there is no room.
  private func label(_ text: String, _ half: Double) -> [SVGElement] {
    let end = reading.interval.upper.map(sizes.scale.clampedPlace) ?? sizes.scale.end
    let interval = FigureDescription.interval(reading.interval)
    let width = max(TextMetrics(size: 12, isBold: true).width(text), TextMetrics(size: 12).width(interval))
    if end + 14 + width <= sizes.scale.end {
      return [
        Draw.text(text, x: end + 10, y: half - 26, classes: "strong halo"),
        Draw.text(interval, x: end + 10, y: half - 10, classes: "halo"),
      ]
    }
    let start = max(
      reading.interval.lower.map(sizes.scale.clampedPlace) ?? sizes.scale.start,
      sizes.scale.start + width + 14)
    return [
      Draw.text(text, x: start - 10, y: half + 22, classes: "strong halo end"),
      Draw.text(interval, x: start - 10, y: half + 38, classes: "halo end"),
    ]
  }

  var legend: Legend {
    var legend = Legend()
    for outcome in Outcome.allCases {
      let count = reading.probes.count { $0.outcome == outcome && !$0.isSuperseded }
      guard count > 0 else { continue }
      let mark = outcome.mark
      legend.add(
        .mark(mark.shape, classes: mark.isSolid ? "solid" : "hollow"),
        "\(outcome.legend) (\(Summary.count(count)))",
        group: "s\(mark.series)")
    }
    let superseded = reading.probes.count(where: \.isSuperseded)
    if superseded > 0 {
      legend.add(
        .mark(.circle, classes: "hollow faint"), "trained on (\(Summary.count(superseded)))", group: "s1")
    }
    guard !reading.probes.isEmpty else { return legend }
    let level = "\(FigureDescription.short(100 * reading.interval.level)) %"
    if reading.curve != nil {
      legend.add(.line(classes: "line"), "fit curve", group: "s0")
      legend.add(.band(classes: "band"), "\(level) band", group: "s0")
    }
    if reading.emc != nil {
      legend.add(.interval(.diamond, classes: "solid"), "EMC, \(level) interval", group: "s5")
    }
    return legend
  }
}
