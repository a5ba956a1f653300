import Compute
import Foundation

/// What pictures show of a study, read from its JSON: `name` and `comparison`.
struct StudyReading: Sendable {
  /// One combination of the axes.
  struct Cell: Sendable, Hashable {
    let label: String
    /// Its values, by the axes' pointers.
    let values: [String: JSONValue]
    let emc: Int?
    /// n₅₀, not rounded.
    let threshold: Double?
    let interval: MeasurementReading.Interval
    let isSettled: Bool
    let parameterCount: Int?
    /// Why there is nothing to show.
    let missing: String?

    /// Where it is drawn; nil where nothing above 0 is known, or it may lie anywhere: then it has no place among the others.
    var value: Double? {
      threshold
        ?? emc.flatMap { $0 > 0 && (interval.lower != nil || interval.upper != nil) ? Double($0) : nil }
    }
  }

  /// EMC ∝ x^value.
  struct Exponent: Sendable, Hashable {
    let over: String
    let name: String
    let cells: [String]
    /// Those that would be among them and were left out.
    let leftOut: [String]
    let value: Double
    let lower: Double
    let upper: Double
    /// Whether the cells' curvature says that no one power holds over all of their range.
    let isRejected: Bool
  }

  struct Correlation: Sendable, Hashable {
    struct Point: Sendable, Hashable {
      let label: String
      let x: Double
      let y: Double
    }

    struct Coefficient: Sendable, Hashable {
      let name: String
      let value: Double
      let lower: Double?
      let upper: Double?
    }

    let x: String
    let y: String
    let points: [Point]
    let coefficients: [Coefficient]
    let text: String?
  }

  let name: String
  let cells: [Cell]
  let exponents: [Exponent]
  let correlations: [Correlation]
  let verdict: String?

  /// - Throws: `SpecificationError` with every fault, where it is no study.
  init(_ json: JSONValue) throws(SpecificationError) {
    let faults = FaultCollector()
    let whole = ObjectReader(json, at: "", faults: faults)
    try faults.throwIfAny()
    if !whole.has("comparison") || json["comparison"] == .null {
      whole.fault(
        "comparison", allowed: "what emc study prints, or GET /v1/studies/{id} answers",
        FaultCollector.missing)
      throw SpecificationError(faults: faults.faults)
    }
    name = json["name"]?.stringValue ?? json["preset"]?.stringValue ?? "Study"
    let comparison = whole.object("comparison")
    cells = comparison.elements("cells").map(Self.cell)
    exponents = comparison.elements("exponents").map(Self.exponent)
    correlations = comparison.elements("correlations").map(Self.correlation)
    verdict = comparison.optionalString("verdict", allowed: "a string")
    try faults.throwIfAny()
  }

  /// Cells in groups that have the same values but for numbers, each in the order of the cells.
  func alikeButForNumbers(_ cells: [Cell]) -> [[Cell]] {
    let numeric = Set(
      cells.flatMap(\.values.keys).filter { pointer in
        cells.allSatisfy { $0.values[pointer]?.doubleValue != nil }
      })
    var places: [[String: JSONValue]: Int] = [:]
    var groups: [[Cell]] = []
    for cell in cells {
      let common = cell.values.filter { !numeric.contains($0.key) }
      if let place = places[common] {
        groups[place].append(cell)
      } else {
        places[common] = groups.count
        groups.append([cell])
      }
    }
    return groups
  }

  /// The cell that differs from this one in its labels alone, which are random.
  func onRandomLabels(_ cell: Cell) -> Cell? {
    func besides(_ cell: Cell) -> [String: JSONValue] {
      cell.values.filter { !["/labels", "/labels/kind"].contains($0.key) }
    }
    return cells.first { other in
      let kind = other.values["/labels/kind"] ?? other.values["/labels"]?["kind"]
      return kind == .string("random") && besides(other) == besides(cell)
    }
  }

  /// What the labels of cells have in common, as the axes' labels that they are made of: mlp · random; nil where they share none.
  static func commonLabel(of cells: [Cell]) -> String? {
    let separator = " · "
    let labels = cells.map { $0.label.components(separatedBy: separator) }
    guard let first = labels.first, labels.allSatisfy({ $0.count == first.count }) else { return nil }
    let common = first.indices.filter { index in labels.allSatisfy { $0[index] == first[index] } }
    return common.isEmpty ? nil : common.map { first[$0] }.joined(separator: separator)
  }

  private static func cell(_ reader: ObjectReader) -> Cell {
    var values: [String: JSONValue] = [:]
    if case .object(let members)? = reader.value("values") { values = members }
    return Cell(
      label: reader.string("label", allowed: "a string") { _ in true } ?? "", values: values,
      emc: reader.optionalInteger("emc", in: 0...Int.max),
      threshold: reader.optionalNumber("threshold", .above(0, to: .greatestFiniteMagnitude)),
      interval: MeasurementReading.Interval(reader.optionalObject("interval")),
      isSettled: reader.value("settled") == .bool(true),
      parameterCount: reader.optionalInteger("parameter_count", in: 1...Int.max),
      missing: reader.optionalString("missing", allowed: "a string"))
  }

  private static let anyNumber = NumberInterval.closed(-.greatestFiniteMagnitude, .greatestFiniteMagnitude)

  private static func exponent(_ reader: ObjectReader) -> Exponent {
    let interval = reader.object("interval")
    let curvature = reader.optionalObject("curvature")?.optionalNumber("p_value", .closed(0, 1))
    var name = ""
    if case .object(let values)? = reader.value("among") {
      name = values.sorted { $0.key < $1.key }.map { $0.value.stringValue ?? $0.value.text() }.joined(
        separator: ", ")
    }
    return Exponent(
      over: reader.string("over", allowed: "a string") { _ in true } ?? "", name: name,
      cells: (reader.value("cells")?.arrayValue ?? []).compactMap(\.stringValue),
      leftOut: (reader.value("left_out")?.arrayValue ?? []).compactMap(\.stringValue),
      value: reader.number("exponent", anyNumber), lower: interval.number("lower", anyNumber),
      upper: interval.number("upper", anyNumber),
      isRejected: curvature.map { $0 <= ComparisonSettings(factors: []).significance } ?? false)
  }

  private static func correlation(_ reader: ObjectReader) -> Correlation {
    let between = (reader.value("between")?.arrayValue ?? []).compactMap(\.stringValue)
    if between.count != 2 { reader.fault("between", allowed: "two names", "is not that") }
    let coefficients = ["pearson", "spearman", "kendall"].compactMap { name -> Correlation.Coefficient? in
      guard let coefficient = reader.optionalObject(name) else { return nil }
      let interval = coefficient.optionalObject("interval")
      return Correlation.Coefficient(
        name: name, value: coefficient.number("value", .closed(-1.000001, 1.000001)),
        lower: interval?.optionalNumber("lower", anyNumber),
        upper: interval?.optionalNumber("upper", anyNumber))
    }
    return Correlation(
      x: between.first ?? "", y: between.last ?? "",
      points: reader.elements("points").map { point in
        Correlation.Point(
          label: point.string("label", allowed: "a string") { _ in true } ?? "",
          x: point.number("x", anyNumber), y: point.number("y", anyNumber))
      }, coefficients: coefficients, text: reader.optionalString("text", allowed: "a string"))
  }
}
