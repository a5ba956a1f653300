import Capacity
import Testing

/// The small multiples of a study: runs at their sizes, and the EMC over steps.
@Suite struct FitCurvesFigureTests {
  private static func study() -> DrawnStudy {
    var study = DrawnStudy()
    study.add("a", [:], emc: 1000, parameters: 5000)
    return study
  }

  /// As many runs of one size as no panel has room for, beside a size where others failed.
  @Test func runsStandAtTheirSizeHoweverManyThereAre() throws {
    var result = DrawnResult()
    for replicate in 0..<60 {
      result.probes.append((1000, replicate, replicate < 45 ? "fit" : "budget", 1000))
    }
    result.probes.append((1010, 0, "budget", 1000))
    let figure = try #require(
      try Self.study().figure("fit_curves", results: [(label: "a", result: result.json)]))
    let drawn = try DrawnFigure(figure.svg)
    let curve = try #require(drawn.all("polyline", ["line", "s0"]).first)
    let place = curve.points[DrawnResult.sizes.firstIndex(of: 1000)!].x
    let fits = drawn.all("rect", ["thin", "s0"])
    #expect(fits.count == 45 && fits.allSatisfy { abs($0.middle.x - place) <= 0.02 })
    let failures = drawn.all("rect", ["thin", "s1"])
    #expect(failures.count == 16 && Set(failures.map(\.middle.x)).count == 2)
    #expect(failures.count { abs($0.middle.x - place) <= 0.02 } == 15)
  }

  @Test func theEMCOverStepsHasAPanelForEachCellOnTheSameAxes() throws {
    var result = DrawnResult()
    result.probes = [(800, 0, "fit", 1000), (1200, 0, "budget", 1000)]
    result.guardSteps = 1000
    var settled = result
    settled.budgets = [(250, 900, 800, 1100), (1000, 1000, 900, 1100)]
    let results = [
      (label: "a", result: result.json),
      (
        label: "b",
        result: settled.json.merging(.object(["budget": .object(["settled": .bool(true)])]))
      ),
    ]
    let figure = try #require(try Self.study().figure("emc_over_steps", results: results))
    let drawn = try DrawnFigure(figure.svg)
    let marks = drawn.elements.filter { $0.tip?.contains("steps: EMC") == true }
    #expect(marks.count == 4)
    #expect(marks[1].middle.y == marks[3].middle.y && marks[1].middle.x < marks[3].middle.x)
    #expect(
      drawn.texts.contains("settled at 1,000 steps") && drawn.texts.contains("not settled by 1,000 steps"))
    #expect(figure.csv.split(separator: "\r\n")[1] == "a,500,800,700,900,false")
  }
}
