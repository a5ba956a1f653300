import Capacity
import Testing

/// The EMC over parameters: which cells are one series, what is said of their powers, and where labels stand.
@Suite struct CapacityFigureTests {
  /// Two kinds of models with two kinds of labels at two rates; no exponent was fitted.
  private static var study: DrawnStudy {
    var study = DrawnStudy()
    for (index, kind) in ["linear", "mlp"].enumerated() {
      for rate in [0.1, 0.2] {
        study.add(
          "\(kind) · \(rate) · random",
          ["/model/kind": .string(kind), "/rate": .number(rate), "/labels/kind": .string("random")],
          emc: 100 * (index + 1), parameters: 100 * (index + 1))
      }
    }
    return study
  }

  private func drawn(_ study: DrawnStudy) throws -> DrawnFigure {
    try DrawnFigure(try #require(try study.figure("emc_over_parameters")).svg)
  }

  @Test func withoutExponentsCellsThatDifferInNumbersAloneAreOneSeries() throws {
    let figure = try drawn(Self.study)
    #expect(figure.texts.contains("linear · random") && figure.texts.contains("mlp · random"))
    let marks = figure.elements.filter { $0.tip?.contains("parameters") == true }
    #expect(marks.map { $0.tip?.hasPrefix("linear") == true } == marks.map { $0.classes.contains("s0") })
    #expect(marks.map { $0.tip?.hasPrefix("mlp") == true } == marks.map { $0.classes.contains("s1") })
    #expect(figure.texts.contains("EMC, training samples"))
  }

  @Test func cellsWhoseParametersHardlyDifferHaveNoPicture() throws {
    var study = DrawnStudy()
    study.add("a", [:], emc: 100, parameters: 1000)
    study.add("b", [:], emc: 200, parameters: 1400)
    #expect(try study.figure("emc_over_parameters") == nil)
    study.add("c", [:], emc: 200, parameters: 1500)
    #expect(try study.figure("emc_over_parameters") != nil)
  }

  @Test(arguments: [(0.2, false), (0.001, true)])
  func aPowerThatCurvatureRejectsIsNotDrawnAsOneThatHolds(_ curvature: Double, _ isRejected: Bool) throws {
    var study = DrawnStudy()
    for (label, parameters) in [("a", 100), ("b", 200), ("c", 400)] {
      study.add(label, ["/width": .integer(parameters)], emc: parameters / 2, parameters: parameters)
    }
    study.addExponent(1, curvature: curvature)
    let figure = try drawn(study)
    let line = try #require(figure.all("polyline", ["line"]).first { $0.points.count == 2 })
    #expect(line.classes.contains("dashed") == isRejected)
    #expect(figure.texts.contains("EMC ∝ P^1.00 (0.90 to 1.10)") == !isRejected)
    #expect(figure.texts.contains { $0.contains("no power law over all of this range") } == isRejected)
    #expect(figure.texts.contains("fitted power") == !isRejected)
  }

  /// A cell that no power was fitted to is of its family all the same; the line ends where what it was fitted to does.
  @Test func aCellThatIsLeftOutIsOneOfItsFamily() throws {
    var study = DrawnStudy()
    for (label, parameters) in [("a", 50), ("b", 100), ("c", 200), ("d", 400)] {
      study.add(label, ["/width": .integer(parameters)], emc: parameters / 2, parameters: parameters)
    }
    study.addExponent(1, curvature: 0.5, leftOut: ["a"])
    let figure = try drawn(study)
    let marks = figure.elements.filter { $0.tip?.contains("parameters") == true }
    #expect(marks.count == 4 && marks.allSatisfy { $0.classes.contains("s0") })
    let line = try #require(figure.all("polyline", ["line"]).first { $0.points.count == 2 })
    let places = marks.map(\.middle.0).sorted()
    let ends = line.points.map { $0.0 }.sorted()
    #expect(abs(ends[0] - places[1]) < 1 && abs(ends[1] - places[3]) < 1)
  }

  /// A cell at the line's upper end, where the label would stand.
  @Test func theLabelOfTheLineOfEqualityCoversNoCell() throws {
    var study = DrawnStudy()
    for parameters in [100, 800, 900, 1000] {
      study.add("\(parameters)", [:], emc: parameters, parameters: parameters)
    }
    let figure = try drawn(study)
    let label = try #require(figure.all("text").first { $0.text == "EMC = P" })
    let width = TextMetrics(size: 12).width(label.text)
    let left = label.number("x") - (label.classes.contains("end") ? width : 0)
    let marks = figure.elements.filter { $0.tip?.contains("parameters") == true }
    #expect(marks.count == 4)
    for mark in marks {
      let (x, y) = mark.middle
      let isBeside = x + 5 < left || x - 5 > left + width
      let isAboveOrBelow = y + 5 < label.number("y") - 10 || y - 5 > label.number("y") + 2
      #expect(isBeside || isAboveOrBelow, "\(mark.tip ?? "")")
    }
  }
}
