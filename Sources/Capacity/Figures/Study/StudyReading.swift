import Compute

/// What pictures show of a study, read from its JSON: `name` and `comparison`.
struct StudyReading: Sendable {
  /// One combination of the axes.
  struct Cell: Sendable, Hashable {
    let label: String
    let emc: Int?
    /// n₅₀, not rounded.
    let threshold: Double?
    let interval: MeasurementReading.Interval
    let isSettled: Bool
    let parameterCount: Int?
    /// Why there is nothing to show.
    let missing: String?

    /// Where it is drawn; nil where nothing above 0 is known.
    var value: Double? { threshold ?? emc.flatMap { $0 > 0 ? Double($0) : nil } }
  }

  /// EMC ∝ x^value.
  struct Exponent: Sendable, Hashable {
    let over: String
    let name: String
    let cells: [String]
    let value: Double
    let lower: Double
    let upper: Double
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
        "comparison", allowed: "what emc study prints, or GET /v1/studies/{id} answers", "is required")
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

  private static func cell(_ reader: ObjectReader) -> Cell {
    Cell(
      label: reader.string("label", allowed: "a string") { _ in true } ?? "",
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
    var name = ""
    if case .object(let values)? = reader.value("among") {
      name = values.sorted { $0.key < $1.key }.map { $0.value.stringValue ?? $0.value.text() }.joined(
        separator: ", ")
    }
    return Exponent(
      over: reader.string("over", allowed: "a string") { _ in true } ?? "", name: name,
      cells: (reader.value("cells")?.arrayValue ?? []).compactMap(\.stringValue),
      value: reader.number("exponent", anyNumber), lower: interval.number("lower", anyNumber),
      upper: interval.number("upper", anyNumber))
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
