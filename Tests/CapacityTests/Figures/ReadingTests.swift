import Capacity
import Foundation
import Testing

/// `docs/reading.md` with its result and its picture, as `scripts/draw-reading` made them.
@Suite struct ReadingTests {
  private static let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs")

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: docs.appending(path: name), encoding: .utf8)
  }

  @Test func thePictureIsThatOfTheResult() throws {
    let result = try JSONValue(parsing: Self.text("reading.json").utf8)
    let svg = try MeasurementFigure(result).svg
    #expect(svg == (try Self.text("reading.svg")), "run scripts/draw-reading")
    let figure = try DrawnFigure(svg)
    #expect(figure.probeMarks.count == result["probe_count"]?.integerValue)
  }

  @Test func theTextHasTheNumbersOfTheResult() throws {
    let result = try JSONValue(parsing: Self.text("reading.json").utf8)
    let text = try Self.text("reading.md").replacing("\n", with: " ")
    func number(_ path: String...) throws -> String {
      let value = path.reduce(result as JSONValue?) { $0?[$1] }
      return String(try #require(value?.integerValue, "\(path)"))
    }
    let (emc, lower, upper) = (
      try number("emc"), try number("interval", "lower"), try number("interval", "upper")
    )
    #expect(text.contains("`emc` \(emc), `interval` \(lower) to \(upper) at `level` 0.9"))
    #expect(text.contains("the first failure was at \(try number("strict", "first_unfit")) points"))
    #expect(text.contains("reading.svg"))
    let growth = try #require(result["budget"]?["growth_per_doubling"])
    func percent(_ value: JSONValue?) throws -> String {
      String(Int((100 * (try #require(value?.doubleValue))).rounded()))
    }
    let (low, high) = (growth["interval"]?["lower"], growth["interval"]?["upper"])
    #expect(
      text.contains(
        "about \(try percent(growth["value"])) % (\(try percent(low)) to \(try percent(high)) %)"))
  }
}
