import Capacity
import Foundation
import Testing

/// Capacity over generalisation: what points are called, their intervals, and their labels.
@Suite struct CorrelationFigureTests {
  private static func name(_ index: Int) -> String { "model with a longer name \(index)" }

  private static func study(_ quantity: String, _ count: Int) -> DrawnStudy {
    var study = DrawnStudy()
    for index in 0..<count {
      for kind in ["original", "random"] {
        study.add(
          "\(name(index)) · \(kind)", ["/model": .integer(index), "/labels/kind": .string(kind)],
          emc: kind == "random" ? 100 : 200 + 5 * index, parameters: 50)
      }
    }
    study.correlations = [
      .object([
        "between": .array([.string(quantity), .string("test_accuracy")]),
        "points": .array(
          (0..<count).map { index in
            let emc = Double(200 + 5 * index)
            return .object([
              "label": .string("\(name(index)) · original"),
              "x": .number(quantity == "log_emc" ? log(emc) : emc - 100),
              "y": .number(0.5),
            ])
          }),
      ])
    ]
    return study
  }

  private static let generalization = JSONValue.object([
    "generalization": .object([
      "test_accuracy": .object([
        "value": .number(0.5),
        "interval": .object(["level": .number(0.9), "lower": .number(0.4), "upper": .number(0.6)]),
      ])
    ])
  ])

  /// Both cells belong to a difference: its point is called by what they have in common.
  @Test func aDifferenceIsCalledByBothCells() throws {
    let figure = try #require(try Self.study("emc_difference", 3).figure("test_accuracy_over_emc_difference"))
    let texts = try DrawnFigure(figure.svg).texts
    #expect((0..<3).map(Self.name).allSatisfy(texts.contains) && !texts.contains { $0.contains("original") })
    let lines = figure.csv.split(separator: "\r\n")
    #expect(
      lines[0].hasPrefix(
        "label,emc,emc.lower,emc.upper,emc_difference,emc_difference.lower,emc_difference.upper,random.emc,"
          + "random.emc.lower,random.emc.upper,test_accuracy"))
    // 100 − √(40² + 25²) and 100 + √(50² + 20²).
    #expect(lines[1].hasPrefix("\(Self.name(0)),200,160,250,100,52.83"))
    let cells = lines[1].split(separator: ",", omittingEmptySubsequences: false)
    #expect(abs((Double(cells[6]) ?? 0) - 153.852) < 0.001 && cells[7...9] == ["100", "80", "125"])
    #expect(try DrawnFigure(figure.svg).all("line", ["line", "s0"]).count >= 3)
  }

  /// On the scale of logarithms the ends of 200 in [160, 250] over 100 in [80, 125] lie √2 ln 1.25 from ln 2.
  @Test func theIntervalOfARatioIsThatOfLogarithms() throws {
    let figure = try #require(try Self.study("emc_ratio", 3).figure("test_accuracy_over_emc_ratio"))
    let lines = figure.csv.split(separator: "\r\n")
    let header = lines[0].split(separator: ",").map(String.init)
    let cells = lines[1].split(separator: ",", omittingEmptySubsequences: false)
    let ends = ["emc_ratio.lower", "emc_ratio.upper"].compactMap { header.firstIndex(of: $0) }
      .compactMap { Double(cells[$0]) }
    let factor = exp(2.0.squareRoot() * log(1.25))
    #expect(ends.count == 2 && abs(ends[0] - 2 / factor) < 1e-6 && abs(ends[1] - 2 * factor) < 1e-6)
  }

  @Test func theEMCIsInSamplesOnALogarithmicAxisWithItsIntervals() throws {
    let results = (0..<3).map { index in
      (label: "\(Self.name(index)) · original", result: DrawnResult().json.merging(Self.generalization))
    }
    let figure = try #require(
      try Self.study("log_emc", 3).figure("test_accuracy_over_log_emc", results: results))
    let drawn = try DrawnFigure(figure.svg)
    #expect(drawn.texts.contains("EMC, training samples") && !drawn.texts.contains("ln EMC"))
    #expect(drawn.horizontalLabels(below: 0, above: .infinity).allSatisfy { (150...280).contains($0.value) })
    let lines = figure.csv.split(separator: "\r\n")
    #expect(
      lines[0]
        == "label,emc,emc.lower,emc.upper,log_emc,test_accuracy,test_accuracy.lower,test_accuracy.upper")
    #expect(
      lines[1].hasPrefix("\(Self.name(0)) · original,200,160,250,5.298") && lines[1].hasSuffix(",0.5,0.4,0.6")
    )
    // A bar is as long as the first point's interval, on the axis's own labels.
    let bars = drawn.all("line", ["line", "s0"])
    let labels = drawn.horizontalLabels(below: 0, above: .infinity)
    let (first, last) = (try #require(labels.first), try #require(labels.last))
    let width = log(250.0 / 160) / log(last.value / first.value) * (last.x - first.x)
    #expect(bars.contains { abs($0.number("x2") - $0.number("x1") - width) < 0.1 })
  }

  /// Points so near to each other that few labels have room beside their own.
  @Test func everyPointHasALabel() throws {
    let figure = try #require(
      try Self.study("emc_difference", 12).figure("test_accuracy_over_emc_difference"))
    let texts = try DrawnFigure(figure.svg).all("text", ["small"]).map(\.text)
    #expect(Set(texts) == Set((0..<12).map(Self.name)))
  }
}
