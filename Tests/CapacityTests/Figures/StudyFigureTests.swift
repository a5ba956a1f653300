import Capacity
import Foundation
import Testing

/// The pictures of a study and their tables.
@Suite struct StudyFigureTests {
  /// Two families of exact powers, and a cell whose job failed.
  private static let study = """
    {"name": "a study & more", "comparison": {
      "cells": [\(cells("mlp", 0.5, 1)), \(cells("cnn", 2, 0.9)),
        {"label": "vit 1000", "emc": null, "interval": null, "threshold": null, "settled": null,
         "parameter_count": 1000, "missing": "the job failed"}],
      "effects": [],
      "exponents": [\(exponent("mlp", 1)), \(exponent("cnn", 0.9))],
      "correlations": [{"between": ["log_emc", "test_accuracy"], "text": "They go together.",
        "points": [{"label": "a", "x": 2, "y": 0.5}, {"label": "b", "x": 4, "y": 0.7}, {"label": "c", "x": 3, "y": 0.55}],
        "pearson": {"value": 0.96, "interval": {"level": 0.9, "lower": 0.5, "upper": 0.99}},
        "spearman": {"value": 1, "interval": {"level": 0.9, "lower": null, "upper": null}}, "kendall": null}],
      "verdict": "cnn > mlp"}}
    """

  private static let parameters = [1000, 4000, 16000]

  private static func value(_ factor: Double, _ power: Double, _ parameters: Int) -> Double {
    factor * pow(Double(parameters), power)
  }

  private static func cells(_ name: String, _ factor: Double, _ power: Double) -> String {
    parameters.map { count in
      let n = value(factor, power, count)
      return """
        {"label": "\(name) \(count)", "emc": \(Int(n)), "threshold": \(n), "settled": \(count < 10_000),
         "interval": {"level": 0.9, "lower": \(Int(n / 1.25)), "upper": \(count == 16000 && name == "mlp" ? "null" : "\(Int(n * 1.25))")},
         "parameter_count": \(count), "missing": null}
        """
    }.joined(separator: ",")
  }

  private static func exponent(_ name: String, _ power: Double) -> String {
    """
    {"over": "parameter_count", "among": {"/model/kind": "\(name)"}, "exponent": \(power),
     "cells": [\(parameters.map { "\"\(name) \($0)\"" }.joined(separator: ","))],
     "interval": {"level": 0.9, "lower": \(power - 0.1), "upper": \(power + 0.1)}}
    """
  }

  private func figures() throws -> StudyFigures {
    try StudyFigures(study: JSONValue(parsing: Self.study.utf8))
  }

  private func figure(_ name: String) throws -> any Figure {
    try #require(try figures().all.first { $0.name == name }).figure
  }

  /// Marks with what is said of them.
  private func marks(_ figure: DrawnFigure) -> [String: DrawnFigure.Element] {
    Dictionary(
      figure.elements.compactMap { element in
        element.tip.flatMap { tip in
          element.name == "svg" ? nil : (String(tip.prefix { $0 != ":" }), element)
        }
      }
    ) { first, _ in first }
  }

  @Test func aStudyHasAPictureForEachThingItTells() throws {
    #expect(
      try figures().all.map(\.name) == ["comparison", "emc_over_parameters", "test_accuracy_over_log_emc"])
    #expect(try figures().main is CapacityFigure)
  }

  @Test func cellsAreOrderedAndAtTheirValues() throws {
    let figure = try DrawnFigure(figure("comparison").svg)
    let marks = marks(figure)
    let labels = figure.horizontalLabels(below: 0, above: .infinity)
    let (first, last) = (try #require(labels.first), try #require(labels.last))
    var heights: [(value: Double, y: Double)] = []
    for (name, factor, power) in [("mlp", 0.5, 1.0), ("cnn", 2, 0.9)] {
      for count in Self.parameters {
        let n = Self.value(factor, power, count)
        let mark = try #require(marks["\(name) \(count)"])
        let x = first.x + log(n / first.value) / log(last.value / first.value) * (last.x - first.x)
        #expect(abs(mark.middle.x - x) <= 0.03)
        #expect(mark.classes.contains(count < 10_000 ? "solid" : "hollow"))
        heights.append((n, mark.middle.y))
      }
    }
    heights.sort { $0.value > $1.value }
    #expect(zip(heights, heights.dropFirst()).allSatisfy { $0.y < $1.y })
    #expect(figure.texts.contains("vit 1000: the job failed") && figure.texts.contains("cnn > mlp"))
    // One interval has no upper end.
    #expect(figure.all("polyline", ["line", "s0"]).count == 1)
  }

  /// Of a verdict that is longer than there is room whole sentences are shown.
  @Test func aVerdictThatIsTooLongEndsWithASentence() throws {
    var study = DrawnStudy()
    study.add("a", [:], emc: 100, parameters: 10)
    study.verdict = (1...40).map { "Sentence \($0) has 0.5 numbers in it." }.joined(separator: " ")
    let texts = try DrawnFigure(try #require(try study.figure("comparison")).svg).texts
    let shown = texts.filter { $0.contains("numbers in it.") }
    #expect((1...3).contains(shown.count) && shown.last?.hasSuffix("it.") == true)
    #expect(!texts.contains { $0.hasSuffix("…") })
  }

  /// The fitted lines pass through cells that are exact powers; the line of equality through equal values.
  @Test func capacityIsDrawnOverParametersWithItsPowers() throws {
    let figure = try DrawnFigure(figure("emc_over_parameters").svg)
    let marks = marks(figure)
    // An arrow at an open end has three points.
    let lines = figure.all("polyline", ["line"]).filter { $0.points.count == 2 }
    #expect(lines.count == 2 && lines.allSatisfy { !$0.classes.contains("dashed") })
    for (line, name) in zip(lines, ["mlp", "cnn"]) {
      let (low, high) = (
        try #require(marks["\(name) 1000"]).middle, try #require(marks["\(name) 16000"]).middle
      )
      // Cells with as many parameters stand beside each other around their place, and hide none.
      for (count, place) in [(1000, line.points[0].x), (16000, line.points[1].x)] {
        let places = try ["mlp", "cnn"].map { try #require(marks["\($0) \(count)"]).middle.x }
        #expect(abs((places[0] + places[1]) / 2 - place) <= 0.03 && abs(places[0] - places[1]) >= 9)
      }
      // A diamond or square around its place has its middle there.
      #expect(abs(line.points[0].y - low.y) <= 0.05 && abs(line.points[1].y - high.y) <= 0.05)
    }
    let values = figure.verticalLabels(below: 0, above: .infinity)
    let labels = figure.horizontalLabels(below: 0, above: .infinity)
    let identity = try #require(figure.all("line", ["reference"]).first)
    let (x0, x1) = (try #require(labels.first), try #require(labels.last))
    let (y0, y1) = (try #require(values.first), try #require(values.last))
    for (x, y) in [("x1", "y1"), ("x2", "y2")] {
      let parameters = log(x0.value) + (identity.number(x) - x0.x) / (x1.x - x0.x) * log(x1.value / x0.value)
      let emc = log(y0.value) + (identity.number(y) - y0.y) / (y1.y - y0.y) * log(y1.value / y0.value)
      #expect(abs(parameters - emc) <= 1e-3)
    }
    #expect(figure.texts.contains("EMC = P"))
    #expect(figure.texts.contains("cnn: EMC ∝ P^0.90 (0.80 to 1.00)"))
  }

  @Test func correlationsHaveTheirPointsAndCoefficients() throws {
    let figure = try DrawnFigure(figure("test_accuracy_over_log_emc").svg)
    let marks = marks(figure)
    let (a, b, c) = (
      try #require(marks["a"]).middle, try #require(marks["b"]).middle, try #require(marks["c"]).middle
    )
    #expect(abs((a.x + b.x) / 2 - c.x) <= 0.02)
    #expect(abs(a.y + (b.y - a.y) / 4 - c.y) <= 0.02 && b.y < a.y)
    #expect(["a", "b", "c", "They go together."].allSatisfy(figure.texts.contains))
    #expect(
      figure.texts.contains { $0.contains("Pearson 0.96 (0.50 to 0.99)") && $0.contains("Spearman 1.00") })
  }

  @Test func fitCurvesShareTheirAxes() throws {
    var result = DrawnResult()
    result.probes = [(800, 0, "fit", 1000), (1200, 0, "budget", 1000), (1200, 1, "minimum", 1000)]
    let results = (1...4).map { (label: "cell \($0)", result: result.json) }
    let figures = try StudyFigures(study: JSONValue(parsing: Self.study.utf8), results: results)
    let figure = try #require(figures.all.first { $0.name == "fit_curves" }).figure
    let drawn = try DrawnFigure(figure.svg)
    let curves = drawn.all("polyline", ["line", "s0"]).filter { $0.points.count == DrawnResult.sizes.count }
    #expect(curves.count == 4)
    // The fourth begins the second row, beneath the first.
    for (a, b) in zip(curves[0].points, curves[3].points) { #expect(a.x == b.x && a.y < b.y) }
    let shift = curves[1].points[0].x - curves[0].points[0].x
    for (a, b) in zip(curves[0].points, curves[1].points) {
      #expect(abs(b.x - a.x - shift) <= 0.02 && a.y == b.y)
    }
    #expect((1...4).allSatisfy { drawn.texts.contains("cell \($0)") })
    #expect(figure.csv.split(separator: "\r\n").count { $0.hasPrefix("cell 2,probe,") } == 3)
  }

  @Test func everyPictureHasItsNumbers() throws {
    let comparison = try figure("comparison").csv.split(separator: "\r\n").map(String.init)
    #expect(comparison[0] == ComparisonFigure.columns.joined(separator: ","))
    #expect(comparison.count == 8 && comparison[7].hasPrefix("vit 1000,,,,"))
    let capacity = try figure("emc_over_parameters").csv.split(separator: "\r\n").map(String.init)
    #expect(capacity.count == 7 && capacity[1].hasPrefix("mlp,mlp 1000,500,500,400,625,0.9,true,1000,"))
    #expect(
      try figure("test_accuracy_over_log_emc").csv.hasPrefix(
        "label,log_emc,test_accuracy,test_accuracy.lower,test_accuracy.upper\r\na,2,0.5,,\r\n"))
    var result = DrawnResult()
    result.probes = [(800, 0, "fit", 1000)]
    let csv = try MeasurementFigure(result.json).csv
    #expect(csv.contains("probe,800,0,fit,500,1000") && csv.contains("emc,,,,,,,1000,900,1100"))
  }

  @Test func whatIsNoStudyIsRefused() throws {
    #expect(throws: SpecificationError.self) { try StudyFigures(study: .object([:])) }
    let broken = #"{"comparison": {"cells": [{"label": 3, "emc": -1}], "exponents": 3}}"#
    do {
      _ = try StudyFigures(study: JSONValue(parsing: broken.utf8))
      Issue.record("a broken study was drawn")
    } catch let error as SpecificationError {
      #expect(
        error.faults.map(\.pointer) == [
          "/comparison/cells/0/label", "/comparison/cells/0/emc", "/comparison/exponents",
        ])
    }
  }

  @Test func aStudyWithoutReadingsHasAPictureToo() throws {
    let empty =
      #"{"comparison": {"cells": [{"label": "a", "missing": "no probe has ended"}], "verdict": null}}"#
    let figures = try StudyFigures(study: JSONValue(parsing: empty.utf8))
    #expect(figures.all.map(\.name) == ["comparison"])
    #expect(try DrawnFigure(figures.main.svg).texts.contains("a: no probe has ended"))
  }
}
