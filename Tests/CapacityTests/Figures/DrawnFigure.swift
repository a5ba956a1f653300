import Capacity
import Foundation
import FoundationXML
import Testing

/// A figure as an XML parser reads it: elements with the classes of all that they stand in.
final class DrawnFigure: NSObject, XMLParserDelegate {
  struct Element {
    let name: String
    let attributes: [String: String]
    /// Its own classes and those of what it stands in.
    let classes: Set<String>
    var text = ""
    /// Its `title` child: what is shown to who points at it.
    var tip: String?

    func number(_ name: String) -> Double { attributes[name].flatMap(Double.init) ?? .nan }

    /// `points` of a polyline or polygon.
    var points: [(x: Double, y: Double)] {
      (attributes["points"] ?? "").split(separator: " ").map { pair in
        let parts = pair.split(separator: ",").compactMap { Double($0) }
        return (parts[0], parts[1])
      }
    }

    /// The middle of a mark: of a circle or a rectangle, or of the box around a path.
    var middle: (x: Double, y: Double) {
      if name == "rect" { return (number("x") + number("width") / 2, number("y") + number("height") / 2) }
      if name == "circle" { return (number("cx"), number("cy")) }
      let numbers = (attributes["d"] ?? "").split { !"0123456789.-".contains($0) }.compactMap { Double($0) }
      let x = numbers.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
      let y = numbers.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
      return ((x.min()! + x.max()!) / 2, (y.min()! + y.max()!) / 2)
    }
  }

  private(set) var elements: [Element] = []
  private var open: [Int] = []
  let source: String

  init(_ svg: String) throws {
    source = svg
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    let isWellFormed = parser.parse()
    try #require(isWellFormed, "\(String(describing: parser.parserError)) at line \(parser.lineNumber)")
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    let own = Set((attributes["class"] ?? "").split(separator: " ").map(String.init))
    let outer = open.last.map { elements[$0].classes } ?? []
    open.append(elements.count)
    elements.append(Element(name: name, attributes: attributes, classes: outer.union(own)))
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if let index = open.last { elements[index].text += string }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    let index = open.removeLast()
    if name == "title", let outer = open.last { elements[outer].tip = elements[index].text }
  }

  func all(_ name: String, _ classes: Set<String> = []) -> [Element] {
    elements.filter { $0.name == name && $0.classes.isSuperset(of: classes) }
  }

  /// What is written, in the order of the document.
  var texts: [String] { all("text").map(\.text) }

  /// Probes' marks: what has a tip that begins with a size.
  var probeMarks: [(samples: Double, element: Element)] {
    elements.compactMap { element in
      guard let match = element.tip?.firstMatch(of: /^([\d,]+) samples, replicate/) else { return nil }
      return (Double(match.1.replacing(",", with: ""))!, element)
    }
  }

  /// The labels of the first horizontal axis with their places.
  func horizontalLabels(below top: Double, above bottom: Double) -> [(value: Double, x: Double)] {
    all("text", ["muted", "middle"]).filter {
      (top...bottom).contains($0.number("y")) && !$0.classes.contains("small")
    }
    .compactMap { text in Self.value(text.text).map { ($0, text.number("x")) } }
  }

  /// The labels of vertical axes with their places.
  func verticalLabels(below top: Double, above bottom: Double) -> [(value: Double, y: Double)] {
    all("text", ["muted", "end"]).filter { (top...bottom).contains($0.number("y")) }
      .compactMap { text in Self.value(text.text).map { ($0, text.number("y") - 4) } }
  }

  private static func value(_ text: String) -> Double? {
    let plain = text.replacing(",", with: "").replacing("−", with: "-")
    if plain.hasSuffix("M") { return Double(plain.dropLast()).map { $0 * 1e6 } }
    return Double(plain)
  }

  /// The place of the title of an axis or panel.
  func y(of text: String) throws -> Double {
    try #require(all("text").first { $0.text == text }, "no text \(text)").number("y")
  }
}

/// A result of so many probes at sizes, as `emc measure` prints it, on a curve that is known.
struct DrawnResult {
  var name = "a measurement"
  var probes: [(samples: Int, replicate: Int, outcome: String, maxSteps: Int)] = []
  var emc: Int? = 1000
  var lower: Int? = 900
  var upper: Int? = 1100
  var hasCurve = true
  var budgets: [(steps: Int, emc: Int, lower: Int?, upper: Int?)] = [
    (500, 800, 700, 900), (1000, 1000, 900, 1100),
  ]
  var guardSteps: Int?

  static let sizes = [500, 700, 900, 1000, 1100, 1300, 2000]

  /// p(n) = 1 / (1 + (n / 1000)^5)
  static func curve(_ n: Double) -> Double { 1 / (1 + pow(n / 1000, 5)) }

  var json: JSONValue {
    func interval(_ lower: Int?, _ upper: Int?) -> JSONValue {
      .object(["level": .number(0.9), "lower": .optional(lower), "upper": .optional(upper)])
    }
    let curve = JSONValue.object([
      "samples": .array(Self.sizes.map(JSONValue.integer)),
      "median": .array(Self.sizes.map { .number(Self.curve(Double($0))) }),
      "lower": .array(Self.sizes.map { .number(0.9 * Self.curve(Double($0))) }),
      "upper": .array(Self.sizes.map { .number(min(1, 1.05 * Self.curve(Double($0)))) }),
    ])
    return .object([
      "specification": .object(["name": .string(name)]),
      "emc": .optional(emc), "interval": interval(lower, upper), "bounded_by": .string("budget"),
      "parameter_count": .integer(5000), "summary": .string("Half of all runs fit 1,000 samples."),
      "fit_probability": .object(
        hasCurve ? ["threshold": .number(Double(emc ?? 1)), "curve": curve] : ["threshold": .null]),
      "budget": .object([
        "settled": .bool(false), "growth_per_doubling": .null, "steps": .optional(guardSteps),
        "emc_at": .array(
          budgets.map { budget in
            .object([
              "steps": .integer(budget.steps), "emc": .integer(budget.emc),
              "interval": interval(budget.lower, budget.upper),
            ])
          }),
      ]),
      "probes": .array(
        probes.map { probe in
          .object([
            "samples": .integer(probe.samples), "replicate": .integer(probe.replicate),
            "outcome": .string(probe.outcome), "steps": .integer(probe.maxSteps / 2),
            "max_steps": .integer(probe.maxSteps),
          ])
        }),
    ])
  }

  func drawn() throws -> DrawnFigure { try DrawnFigure(MeasurementFigure(json).svg) }
}
