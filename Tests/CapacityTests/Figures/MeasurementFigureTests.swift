import Capacity
import Foundation
import Testing

/// The picture of a measurement, read back from its SVG.
@Suite struct MeasurementFigureTests {
  private static let outcomes = ["fit", "budget", "minimum", "saddle", "diverged"]

  private static func result(replicates: Int) -> DrawnResult {
    var result = DrawnResult()
    for (index, samples) in [600, 800, 950, 1050, 1400].enumerated() {
      for replicate in 0..<replicates {
        let isFit = replicate * 5 < (5 - index) * replicates
        result.probes.append((samples, replicate, isFit ? "fit" : outcomes[1 + replicate % 4], 1000))
      }
    }
    return result
  }

  /// The vertical range of the upper panel.
  private func panel(_ figure: DrawnFigure) throws -> ClosedRange<Double> {
    try figure.y(of: "Fit probability")...figure.y(of: "training samples n")
  }

  @Test func everyProbeIsAMarkAtItsSizeByItsOutcome() throws {
    let result = Self.result(replicates: 4)
    let figure = try result.drawn()
    let marks = figure.probeMarks
    #expect(marks.count == result.probes.count)
    // The scale by two labels of the axis, as a reader takes it.
    let panel = try panel(figure)
    let labels = figure.horizontalLabels(below: panel.lowerBound, above: panel.upperBound)
    let (first, last) = (try #require(labels.first), try #require(labels.last))
    #expect(labels.count >= 3 && first.value < last.value)
    for (samples, element) in marks {
      let part = log10(samples / first.value) / log10(last.value / first.value)
      #expect(abs(element.middle.x - (first.x + part * (last.x - first.x))) <= 0.02)
    }
    // Form and colour by outcome; fits above 1, failures below 0.
    let classes = [
      "fit": ("circle", "s0"), "steps spent": ("circle", "s1"), "at a minimum": ("path", "s2"),
      "at a saddle": ("path", "s3"), "diverged": ("path", "s5"),
    ]
    let vertical = figure.verticalLabels(below: panel.lowerBound, above: panel.upperBound)
    let one = try #require(vertical.first { $0.value == 1 }).y
    let zero = try #require(vertical.first { $0.value == 0 }).y
    for (_, element) in marks {
      let outcome = try #require(element.tip?.firstMatch(of: /: ([a-z ]+), [\d,]+ steps$/)).1
      let (name, series) = try #require(classes[String(outcome)])
      #expect(element.name == name && element.classes.contains(series))
      #expect(outcome == "fit" ? element.middle.y < one : element.middle.y > zero)
    }
  }

  @Test(arguments: [2, 16]) func replicatesOfOneSizeStayApart(replicates: Int) throws {
    let marks = try Self.result(replicates: replicates).drawn().probeMarks.map(\.element)
    #expect(marks.count == 5 * replicates)
    let smallest = 2 * 2.2
    for (index, a) in marks.enumerated() {
      for b in marks.dropFirst(index + 1) {
        let distance = hypot(a.middle.x - b.middle.x, a.middle.y - b.middle.y)
        #expect(distance >= smallest, "\(a.tip ?? "") and \(b.tip ?? "")")
      }
    }
  }

  /// More than have room are slices of a bar at their size, as high as they are many, those together that ended alike.
  @Test func crowdedReplicatesStayAtTheirSize() throws {
    let marks = try Self.result(replicates: 40).drawn().probeMarks
    #expect(marks.count == 200 && marks.allSatisfy { $0.element.name == "rect" })
    let sizes = Dictionary(grouping: marks, by: \.samples)
    #expect(sizes.values.allSatisfy { Set($0.map(\.element.middle.x)).count == 1 })
    #expect(Set(marks.map(\.element.middle.x)).count == 5)
    let failures = try #require(sizes[1400]).filter { !$0.element.classes.contains("s0") }
      .sorted { $0.element.middle.y < $1.element.middle.y }
    let changes = zip(failures, failures.dropFirst()).count {
      $0.element.classes != $1.element.classes
    }
    #expect(failures.count == 32 && changes == 3)
  }

  @Test func curveBandAndThresholdAreWhereTheirValuesAre() throws {
    let figure = try Self.result(replicates: 3).drawn()
    let panel = try panel(figure)
    let vertical = figure.verticalLabels(below: panel.lowerBound, above: panel.upperBound)
    let (one, zero) = (
      try #require(vertical.first { $0.value == 1 }).y, try #require(vertical.first { $0.value == 0 }).y
    )
    let labels = figure.horizontalLabels(below: panel.lowerBound, above: panel.upperBound)
    let (first, last) = (try #require(labels.first), try #require(labels.last))
    func x(_ n: Double) -> Double {
      first.x + log(n / first.value) / log(last.value / first.value) * (last.x - first.x)
    }
    let line = try #require(figure.all("polyline", ["line", "s0"]).first).points
    #expect(line.count == DrawnResult.sizes.count)
    for (n, point) in zip(DrawnResult.sizes, line) {
      #expect(abs(point.x - x(Double(n))) <= 0.02)
      #expect(abs(point.y - (zero + DrawnResult.curve(Double(n)) * (one - zero))) <= 0.02)
    }
    #expect(
      try #require(figure.all("polygon", ["band", "s0"]).first).points.count == 2 * DrawnResult.sizes.count)
    let half = (one + zero) / 2
    let bar = try #require(
      figure.all("line", ["line", "s5"]).first {
        abs($0.number("y1") - half) < 0.01 && $0.number("y1") == $0.number("y2")
      })
    #expect(abs(bar.number("x1") - x(900)) <= 0.02 && abs(bar.number("x2") - x(1100)) <= 0.02)
    let mark = try #require(figure.all("path", ["solid", "s5"]).first { $0.tip == nil }).middle
    #expect(abs(mark.x - x(1000)) <= 0.02 && abs(mark.y - half) <= 0.02)
    #expect(figure.texts.contains("EMC 1,000") && figure.texts.contains("90 %: 900 to 1,100"))
  }

  @Test func theLowerPanelHasTheEMCOverSteps() throws {
    var result = Self.result(replicates: 2)
    result.budgets = [(250, 100, 50, 300), (500, 400, nil, 900), (1000, 1000, 900, nil)]
    let figure = try result.drawn()
    let top = try figure.y(of: "EMC over the budget")
    let bottom = try figure.y(of: "steps that a probe may take")
    let labels = figure.horizontalLabels(below: top, above: bottom)
    let values = figure.verticalLabels(below: top, above: bottom)
    let (first, last) = (try #require(labels.first), try #require(labels.last))
    let (low, high) = (
      try #require(values.min { $0.value < $1.value }), try #require(values.max { $0.value < $1.value })
    )
    let marks = figure.all("path", ["solid", "s5"]).filter { $0.tip?.contains("steps: EMC") == true }
    #expect(marks.count == 3)
    for (mark, budget) in zip(marks, result.budgets) {
      let x =
        first.x + log(Double(budget.steps) / first.value) / log(last.value / first.value) * (last.x - first.x)
      let y = low.y + log(Double(budget.emc) / low.value) / log(high.value / low.value) * (high.y - low.y)
      #expect(abs(mark.middle.x - x) <= 0.03 && abs(mark.middle.y - y) <= 0.06)
    }
    // An end that isn't known is an arrow: two of six.
    #expect(
      figure.all("polyline", ["line", "s5", "thin"]).count {
        $0.points.count == 3 && $0.points[0].x != $0.points[1].x
      } >= 2)
    #expect(marks[1].tip == "500 steps: EMC 400 (90 %: 900 or fewer)")
    #expect(marks[2].tip == "1,000 steps: EMC 1,000 (90 %: 900 or more)")
  }

  /// What a search begins with lies decades away: the axis stays with the curve, and the marks in margins.
  @Test func probesFarFromTheCurveAreInMargins() throws {
    var result = Self.result(replicates: 3)
    result.probes += [(2, 0, "fit", 1000), (9, 0, "fit", 1000), (60_000, 0, "budget", 1000)]
    let figure = try result.drawn()
    let panel = try panel(figure)
    let labels = figure.horizontalLabels(below: panel.lowerBound, above: panel.upperBound)
    #expect(labels.allSatisfy { (400...2500).contains($0.value) })
    let marks = Dictionary(figure.probeMarks.map { ($0.samples, $0.element.middle.x) }) { a, _ in a }
    let order = [2, 9, 600, 800, 950, 1050, 1400, 60_000].map { marks[$0]! }
    #expect(order == order.sorted() && Set(order).count == order.count)
    #expect(figure.texts.contains("2–9") && figure.texts.contains("60,000"))
  }

  @Test func runsThatWereTrainedOnAreFaintAndCountedOnce() throws {
    var result = DrawnResult()
    result.probes = [
      (900, 0, "budget", 1000), (900, 0, "budget", 2000), (900, 0, "fit", 4000), (1200, 0, "budget", 1000),
    ]
    let figure = try result.drawn()
    #expect(figure.probeMarks.count { $0.element.classes.contains("faint") } == 2)
    #expect(["fit (1)", "steps spent (1)", "trained on (2)"].allSatisfy(figure.texts.contains))
  }

  /// A verification looks at the end of a run: it is no run of its own.
  @Test func verificationsAreNoMarks() throws {
    let result = Self.result(replicates: 2).json
    guard case .object(var members) = result, let probes = result["probes"]?.arrayValue else {
      Issue.record("a result is an object")
      return
    }
    let verification = JSONValue.object([
      "kind": .string("verification"), "samples": .integer(1400), "replicate": .integer(0),
      "max_steps": .integer(1000), "verdict": .string("reachable"),
    ])
    members["probes"] = .array(probes + [verification])
    #expect(try DrawnFigure(MeasurementFigure(.object(members)).svg).probeMarks.count == probes.count)
  }

  @Test func intervalsWithoutAnEndHaveArrows() throws {
    for (lower, upper, words) in [
      (nil, 1100, "90 %: 1,100 or fewer"), (900, nil, "90 %: 900 or more"), (nil, nil, "90 %: not bounded"),
    ] as [(Int?, Int?, String)] {
      var result = Self.result(replicates: 2)
      (result.lower, result.upper) = (lower, upper)
      result.budgets = []
      let figure = try result.drawn()
      let arrows = figure.all("polyline", ["line", "s5"]).count { $0.points.count == 3 }
      #expect(arrows == [lower, upper].count { $0 == nil })
      #expect(figure.texts.contains { $0.contains(words) })
    }
  }

  /// Of runs that all fitted no halving of the steps has an estimate: what was told is told at the guard.
  @Test func theLowerPanelHasTheGuardAtWhichTheReadingWasTold() throws {
    var result = Self.result(replicates: 2)
    (result.upper, result.budgets, result.guardSteps) = (nil, [], 800)
    let marks = try result.drawn().elements.filter { $0.tip?.contains("steps: EMC") == true }
    #expect(marks.map(\.tip) == ["800 steps: EMC 1,000 (90 %: 900 or more)"])
    result.budgets = [(93, 700, 500, nil)]
    let both = try result.drawn().elements.filter { $0.tip?.contains("steps: EMC") == true }
    #expect(both.map { $0.tip?.prefix { $0 != ":" } } == ["93 steps", "800 steps"])
    #expect(both[0].middle.x < both[1].middle.x)
  }

  @Test func aMeasurementThatEndedWithoutABudgetHasNoPanelOfThem() throws {
    var result = Self.result(replicates: 2)
    (result.emc, result.lower, result.upper, result.budgets) = (nil, nil, nil, [])
    result.guardSteps = 800
    let figure = try result.drawn()
    #expect(!figure.texts.contains { $0.contains("budget") && !$0.contains("bounded") })
    #expect(figure.all("desc").first?.text.contains("Lower panel") == false)
  }

  /// The rate of the race's winner, not the one that a specification leaves to it.
  @Test func aTunedMeasurementNamesWhatWasMeasured() throws {
    func training(_ kind: String, _ rate: JSONValue) -> JSONValue {
      .object([
        "training": .object(["optimizer": .object(["kind": .string(kind), "learning_rate": rate])])
      ])
    }
    let result = Self.result(replicates: 2).json.merging(
      .object([
        "specification": training("sgd", .string("auto")),
        "tuning": .object(["winner": .object(["specification": training("adam", .number(0.3))])]),
      ]))
    let texts = try DrawnFigure(MeasurementFigure(result).svg).texts
    #expect(texts.contains { $0.contains("adam 0.3") } && !texts.contains { $0.contains("auto") })
  }

  @Test func aMeasurementWithoutProbesSaysSo() throws {
    var result = DrawnResult()
    (result.emc, result.lower, result.upper, result.budgets) = (nil, nil, nil, [])
    let job = JSONValue.object(["state": .string("running"), "result": result.json])
    let figure = try DrawnFigure(MeasurementFigure(job).svg)
    #expect(
      figure.texts.contains("No probe has ended yet")
        && figure.texts.contains("No budget has an estimate yet"))
    #expect(figure.probeMarks.isEmpty && figure.all("polygon").isEmpty)
  }

  @Test(arguments: ["fit", "budget"]) func oneProbeIsOneMark(outcome: String) throws {
    var result = DrawnResult()
    result.probes = [(64, 0, outcome, 1000)]
    (result.emc, result.lower, result.upper, result.budgets, result.hasCurve) = (0, nil, 2_000_000, [], false)
    let figure = try result.drawn()
    #expect(figure.probeMarks.count == 1 && figure.probeMarks[0].samples == 64)
  }

  @Test func whatIsWrittenIsEscapedAndItsWholeIsReadToWhoDoesNotSeeIt() throws {
    var result = Self.result(replicates: 1)
    result.name = "a <script>alert(1)</script> & \"quotes\" ]]> \u{1}\u{7} 网络 </svg>"
    let figure = try result.drawn()
    #expect(figure.all("script").isEmpty && figure.all("svg").count == 1)
    let root = try #require(figure.elements.first)
    #expect(root.attributes["role"] == "img" && root.attributes["xmlns"] == "http://www.w3.org/2000/svg")
    #expect(root.tip == "a <script>alert(1)</script> & \"quotes\" ]]> \u{FFFD}\u{FFFD} 网络 </svg>")
    let description = try #require(figure.all("desc").first).text
    #expect(description.contains("5 probes") && description.contains("Half of all runs fit 1,000 samples."))
  }

  @Test func itStandsByItself() throws {
    let svg = try MeasurementFigure(Self.result(replicates: 2).json).svg
    for forbidden in ["href", "url(", "@import", "<script", "<foreignObject", "data:", "onload"] {
      #expect(!svg.contains(forbidden), "\(forbidden)")
    }
    #expect(svg.matches(of: /https?:/).count == 1, "the namespace alone")
    #expect(svg.contains("@media screen and (prefers-color-scheme:dark)") && svg.contains("@media print"))
  }

  /// Whatever order workers delivered their probes in.
  @Test func equalResultsGiveEqualBytes() throws {
    var result = Self.result(replicates: 6)
    let svg = try MeasurementFigure(result.json).svg
    result.probes.reverse()
    #expect(try MeasurementFigure(result.json).svg == svg)
  }

  @Test func textsStayOnThePage() throws {
    var result = Self.result(replicates: 2)
    result.name = String(repeating: "a rather long name of a measurement ", count: 8)
    (result.emc, result.lower, result.upper) = (1900, 1700, 2000)
    let figure = try result.drawn()
    let width = try #require(figure.elements.first).number("width")
    for text in figure.all("text") {
      let size = text.classes.contains("title") ? 17.0 : text.classes.contains("heading") ? 13 : 12
      let length = TextMetrics(size: size).width(text.text)
      let x = text.number("x")
      let left =
        text.classes.contains("end") ? x - length : text.classes.contains("middle") ? x - length / 2 : x
      #expect(left >= 0 && left + length <= width, "\(text.text)")
    }
  }

  @Test func aJobIsDrawnAsItsResult() throws {
    let result = Self.result(replicates: 2).json
    let job = JSONValue.object([
      "id": .string("x"), "name": .string("a job"), "state": .string("succeeded"), "result": result,
      "specification": .object([:]),
    ])
    let figure = try DrawnFigure(MeasurementFigure(job).svg)
    #expect(figure.elements.first?.tip == "a job" && figure.probeMarks.count == 10)
  }

  /// Every fault at once, each with its place.
  @Test func whatIsNoResultIsRefused() throws {
    func faults(_ text: String) throws -> [String] {
      let json = try JSONValue(parsing: text.utf8)
      do {
        _ = try MeasurementFigure(json)
        return []
      } catch {
        return error.faults.map { "\($0.pointer) \($0.detail)" }
      }
    }
    #expect(try faults("[1]") == [" an array stands where an object belongs"])
    #expect(try faults("{}") == ["/emc is required", "/interval is required", "/probes is required"])
    #expect(try faults(#"{"result": null, "state": "running"}"#) == ["/result is not there yet"])
    let broken = #"""
      {"emc": -1, "interval": {"lower": "x"}, "probes": [{"samples": 0, "replicate": 0, "outcome": "won", "steps": 1}],
       "fit_probability": {"curve": {"samples": [1, 2], "median": [0.5], "lower": [0, 2], "upper": [1, 1]}}}
      """#
    #expect(
      try faults(broken) == [
        "/emc is out of range", "/interval/lower is not an integer", "/probes/0/samples is out of range",
        "/probes/0/outcome is not allowed", "/fit_probability/curve/median is not such an array",
        "/fit_probability/curve/lower is not such an array",
      ])
  }
}
