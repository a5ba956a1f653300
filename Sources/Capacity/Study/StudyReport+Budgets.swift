extension StudyReport {
  /// Of more budgets than these nobody reads a table: the longest ones.
  private static let shownBudgets = 12

  /// Each cell's EMC over the steps that a probe may take, whether it settled and with how many, and what twice the steps would
  /// add; nothing where no cell tells of a budget.
  static func budgets(_ cells: [JSONValue]) -> [String] {
    let rows = cells.compactMap { cell -> (label: String, budget: JSONValue, at: [Int: JSONValue])? in
      guard let budget = cell["result"]?["budget"], let entries = budget["emc_at"]?.arrayValue,
        !entries.isEmpty
      else { return nil }
      let at = entries.compactMap { entry in entry["steps"]?.integerValue.map { ($0, entry) } }
      return (cell["label"]?.stringValue ?? "", budget, Dictionary(at) { first, _ in first })
    }
    guard !rows.isEmpty else { return [] }
    let all = Set(rows.flatMap(\.at.keys)).sorted()
    let steps = Array(all.suffix(shownBudgets))
    return [
      "## EMC over steps",
      "What the same probes give at every halving of the steps that they may take, with intervals. It has settled where "
        + "twice the steps surely raise it by less than the search's tolerance."
        + (all.count > steps.count ? " Fewer steps than these are in study.json." : ""),
      table(
        ["cell"] + steps.map(Summary.count) + ["settled", "twice the steps raise it by"],
        rows.map { row in
          [row.label] + steps.map { row.at[$0].map(reading) ?? "" } + [
            settled(row.budget), growth(row.budget),
          ]
        }),
    ]
  }

  /// 32 (30 to 38)
  private static func reading(_ entry: JSONValue) -> String {
    let interval = interval(entry["interval"])
    let emc = entry["emc"]?.integerValue.map(Summary.count) ?? "none"
    return interval.isEmpty ? emc : "\(emc) (\(interval))"
  }

  private static func settled(_ budget: JSONValue) -> String {
    let steps = Summary.count(budget["steps"]?.integerValue ?? 0)
    return budget["settled"] == .bool(true) ? "at \(steps)" : "not by \(steps)"
  }

  /// 3.1 % (1.49 to 7.86 %)
  private static func growth(_ budget: JSONValue) -> String {
    guard let growth = budget["growth_per_doubling"], let value = growth["value"]?.doubleValue else {
      return ""
    }
    let ends = ["lower", "upper"].compactMap { growth["interval"]?[$0]?.doubleValue }.map(percent)
    return "\(percent(value)) %" + (ends.count == 2 ? " (\(ends[0]) to \(ends[1]) %)" : "")
  }

  private static func percent(_ part: Double) -> String { FigureDescription.percent(part) }
}
