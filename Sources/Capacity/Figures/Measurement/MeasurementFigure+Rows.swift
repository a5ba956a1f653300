extension MeasurementFigure {
  package static let columns = [
    "kind", "samples", "replicate", "outcome", "steps", "max_steps", "fit_probability", "emc", "lower",
    "upper",
  ]

  /// Every probe, every point of the curve with its band, the EMC with its interval, and that at every budget.
  package var rows: [TableRow] { probes + curve + [threshold].compactMap(\.self) + budgets }

  private var probes: [TableRow] {
    reading.probes.map { probe in
      TableRow([
        "kind": .string("probe"), "samples": .integer(probe.samples), "replicate": .integer(probe.replicate),
        "outcome": .string(probe.outcome.rawValue), "steps": .integer(probe.steps),
        "max_steps": .integer(probe.maxSteps),
      ])
    }
  }

  private var curve: [TableRow] {
    guard let curve = reading.curve, !reading.probes.isEmpty else { return [] }
    return curve.samples.indices.map { index in
      TableRow([
        "kind": .string("curve"), "samples": .cell(curve.samples[index]),
        "fit_probability": .number(curve.median[index]), "lower": .number(curve.lower[index]),
        "upper": .number(curve.upper[index]),
      ])
    }
  }

  private var threshold: TableRow? {
    guard !reading.probes.isEmpty, let emc = reading.emc else { return nil }
    return TableRow([
      "kind": .string("emc"), "emc": .integer(emc), "lower": .cell(reading.interval.lower),
      "upper": .cell(reading.interval.upper),
    ])
  }

  private var budgets: [TableRow] {
    reading.budgets.map { budget in
      TableRow([
        "kind": .string("budget"), "steps": .cell(budget.steps), "emc": .optional(budget.emc),
        "lower": .cell(budget.interval.lower), "upper": .cell(budget.interval.upper),
      ])
    }
  }
}

extension TableRow {
  /// A row of these cells, in this order.
  init(_ cells: KeyValuePairs<String, JSONValue>) {
    self.init()
    for (column, value) in cells { add(column, value) }
  }
}

extension JSONValue {
  /// A number as a table has it: an integer where it is one; null for none.
  static func cell(_ value: Double?) -> JSONValue {
    value.map { value in Int(exactly: value).map(JSONValue.integer) ?? .finite(value) } ?? .null
  }
}
