import Foundation

/// A study's JSON as a report to read: what was asked, what was found, and what it cost (Markdown).
package struct StudyReport: Sendable {
  /// The report.
  package let text: String

  /// The report of a study.
  ///
  /// - Parameters:
  ///   - json: the study with its comparison, as `emc study` prints it or the service answers.
  ///   - figures: names of the images that belong to it.
  package init(_ json: JSONValue, figures: [(name: String, title: String)] = []) {
    let about = json["about"]
    let comparison = json["comparison"]
    let cells = json["cells"]?.arrayValue ?? []
    var blocks = ["# \(Self.plain(json["name"]?.stringValue ?? "Study"))"]
    blocks += [about?["question"]?.stringValue].compactMap(\.self)
    blocks +=
      Self.list("Hypotheses", about?["hypotheses"]) + Self.list("Controls", about?["controls"])
      + Self.list("What would refute them", about?["refuted_by"])
    if let claim = about?["claim"]?.stringValue { blocks.append("The paper's claim: \(claim)") }
    blocks += ["## Verdict", Self.verdict(comparison)]
    blocks += figures.map { "![\($0.title)](\($0.name))" }
    blocks += ["## What was measured", Self.table(["what", "how"], Self.terms(json))]
    blocks += ["## Cells", Self.cells(comparison, winners: Self.winners(cells))]
    blocks += Self.failures(cells)
    blocks += Self.races(cells) + Self.budgets(cells)
    blocks += Self.effects(comparison?["effects"]?.arrayValue ?? [])
    blocks += Self.texts("Exponents", comparison?["exponents"]?.arrayValue ?? [])
    blocks += Self.texts("Correlations", comparison?["correlations"]?.arrayValue ?? [])
    if let cost = json["cost"] { blocks += ["## Cost", Self.cost(cost)] }
    text = blocks.joined(separator: "\n\n") + "\n"
  }

  private static func list(_ title: String, _ items: JSONValue?) -> [String] {
    let items = (items?.arrayValue ?? []).compactMap(\.stringValue)
    return items.isEmpty ? [] : ["**\(title)**", items.map { "- \($0)" }.joined(separator: "\n")]
  }

  /// The verdict as a list. A sentence that goes on with what the one before says stands with it, as it does where the
  /// comparison tells of that alone.
  private static func verdict(_ comparison: JSONValue?) -> String {
    let texts = ["effects", "exponents", "correlations"].flatMap { name in
      (comparison?[name]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }
    }
    var items: [[String]] = []
    for sentence in (comparison?["verdict"]?.stringValue ?? "Nothing has been compared.").sentences {
      if let first = items.last?[0],
        texts.contains(where: { $0.hasPrefix(first) && $0.contains(sentence) })
      {
        items[items.count - 1].append(sentence)
      } else {
        items.append([sentence])
      }
    }
    return items.map { "- \(plain($0.joined(separator: " ")))" }.joined(separator: "\n")
  }

  /// - Parameter winners: what each cell's race chose, by the cells' labels; none where nothing was tuned.
  private static func cells(_ comparison: JSONValue?, winners: [String: String]) -> String {
    table(
      ["cell", "parameters", "EMC", "interval", "settled", "bounded by", "EMC / parameters"]
        + (winners.isEmpty ? [] : ["tuned to"]),
      (comparison?["cells"]?.arrayValue ?? []).map { cell in
        let label = cell["label"]?.stringValue ?? ""
        let winner = winners.isEmpty ? [] : [winners[label] ?? ""]
        if let reason = cell["missing"]?.stringValue {
          return [label, number(cell["parameter_count"]), "missing: \(reason)", "", "", "", ""] + winner
        }
        return [
          label, number(cell["parameter_count"]), number(cell["emc"]), interval(cell["interval"]),
          cell["settled"] == .bool(true) ? "yes" : "no", cell["bounded_by"]?.stringValue ?? "",
          number(cell["emc_per_parameter"]),
        ] + winner
      })
  }

  /// What went wrong with the cells that failed.
  private static func failures(_ cells: [JSONValue]) -> [String] {
    let items = cells.compactMap { cell -> String? in
      guard let error = cell["error"]?["detail"]?.stringValue else { return nil }
      return "- \(plain(cell["label"]?.stringValue ?? "")): \(plain(error))"
    }
    return items.isEmpty ? [] : ["**Failed**", items.joined(separator: "\n")]
  }

  /// Of a study of many cells nobody reads all pairs.
  private static let shownEffects = 200

  private static func effects(_ effects: [JSONValue]) -> [String] {
    guard !effects.isEmpty else { return [] }
    let left = effects.count - shownEffects
    return [
      "## Effects",
      table(
        ["between", "ratio", "interval", "p", "p adjusted", "in words"],
        effects.prefix(shownEffects).map { effect in
          [
            (effect["between"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: " / "),
            number(effect["ratio"]), interval(effect["interval"]), number(effect["p_value"]),
            number(effect["p_value_adjusted"]), effect["text"]?.stringValue ?? "",
          ]
        }),
    ] + (left > 0 ? ["\(Summary.count(left)) more are in study.json."] : [])
  }

  private static func texts(_ title: String, _ items: [JSONValue]) -> [String] {
    let texts = items.compactMap { $0["text"]?.stringValue }
    return texts.isEmpty ? [] : ["## \(title)", texts.map { "- \(plain($0))" }.joined(separator: "\n")]
  }

  /// What people wrote, as text of one line: nothing in it is markup.
  static func plain(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { line, scalar in
      switch scalar {
      case "&": line += "&amp;"
      case "<": line += "&lt;"
      case "\\", "`", "*", "_", "[": line += "\\\(scalar)"
      case _ where scalar.value < 32 || scalar.value == 127: line += " "
      default: line.unicodeScalars.append(scalar)
      }
    }
  }

  private static func cost(_ cost: JSONValue) -> String {
    let probes = cost["probes"]
    let number = { (name: String) in probes?[name]?.integerValue ?? 0 }
    let count = { (name: String) in Summary.count(number(name)) }
    let left = number("asked") - number("trained") - number("shared") - number("known")
    return
      "\(count("asked")) probes were asked for: \(count("trained")) were trained, "
      + "\(Summary.count(cost["steps"]?.integerValue ?? 0)) steps in \(Self.number(cost["training_seconds"])) s of training; "
      + "\(count("shared")) were "
      + "another cell's, \(count("known")) were known from before"
      + "\(left > 0 ? ", \(Summary.count(left)) were not trained any more" : ""). "
      + "The study took \(Self.number(cost["seconds"])) s."
  }

  static func interval(_ value: JSONValue?) -> String {
    guard let lower = value?["lower"], let upper = value?["upper"], lower != .null || upper != .null else {
      return ""
    }
    return "\(lower == .null ? "…" : number(lower)) to \(upper == .null ? "…" : number(upper))"
  }

  static func number(_ value: JSONValue?) -> String {
    if let integer = value?.integerValue { return Summary.count(integer) }
    return value?.doubleValue.map { String(format: "%.3g", $0) } ?? ""
  }

  static func table(_ header: [String], _ rows: [[String]]) -> String {
    ([header, header.map { _ in "---" }] + rows).map { row in
      "| " + row.map { plain($0).replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }.joined(separator: "\n")
  }
}
