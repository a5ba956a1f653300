extension StudyReport {
  /// What a study's cells were measured with, as rows of what and how: what all have in common, and what varies between them or
  /// was chosen for each of them.
  static func terms(_ json: JSONValue) -> [[String]] {
    let study = json["specification"] ?? .null
    var specifications = (json["cells"]?.arrayValue ?? []).compactMap { $0["specification"] }
    if specifications.isEmpty { specifications = [study["base"] ?? .null] }
    var common = specifications.dropFirst().reduce(specifications[0]) { $0.common(with: $1) ?? .null }
    // The candidates are told at the fields that they stand for.
    common = common.replacing(TuningCandidate.place, with: .null) ?? common
    let choices = Self.varied(study) + Self.tuned(specifications)
    var rows = Self.fields.compactMap { title, place -> [String]? in
      let own = choices.filter { $0.concerns(place) }
      let fixed = own.reduce(common) { $0.replacing($1.place, with: .null) ?? $0 }.value(at: place)
      let parts = [fixed.flatMap(Self.told)].compactMap(\.self) + own.map { $0.told(below: place) }
      return parts.isEmpty ? nil : [title, parts.joined(separator: "; ")]
    }
    for choice in choices where !Self.fields.contains(where: { choice.concerns($0.place) }) {
      rows.append([choice.place.description, choice.told(below: choice.place)])
    }
    if let environment = json["environment"] {
      rows.append([
        "emc",
        "version \(environment["version"]?.stringValue ?? "unknown"), engine revision "
          + "\(environment["engine_revision"]?.integerValue.map(String.init) ?? "unknown")",
      ])
    }
    return rows
  }

  private static let fields: [(title: String, place: JSONPointer)] =
    ([
      ("data set", ["dataset"]), ("classes", ["classes"]), ("labels", ["labels"]), ("inputs", ["inputs"]),
      ("subset", ["subset"]), ("model", ["model"]), ("optimizer", ["training", "optimizer"]),
      ("schedule", ["training", "schedule"]), ("regularization", ["training", "regularization"]),
      ("reparameterization", ["training", "reparameterization"]), ("finish", ["training", "finish"]),
      ("steps at most", ["training", "max_steps"]), ("batch size", ["training", "batch_size"]),
      ("precision", ["training", "precision"]), ("search", ["search"]), ("limits", ["limits"]),
      ("generalization", ["generalization"]), ("seed", ["seed"]),
    ] as [(String, [String])]).map { (title: $0.0, place: JSONPointer(tokens: $0.1)) }

  /// A field that isn't the same in all cells.
  private struct Choice {
    let place: JSONPointer
    /// What becomes of it: varies, or is tuned.
    let verb: String
    let values: [String]

    /// Whether a field is it, a part of it, or has it as a part.
    func concerns(_ field: JSONPointer) -> Bool {
      field.remainder(of: place) != nil || place.remainder(of: field) != nil
    }

    /// learning_rate varies: 0.003, 0.01
    func told(below field: JSONPointer) -> String {
      let name = (field.remainder(of: place)?.tokens ?? []).joined(separator: ".")
      let limit = 12
      let shown = values.prefix(limit).joined(separator: ", ")
      let rest = values.count > limit ? ", … (\(values.count) in all)" : ""
      return "\(name.isEmpty ? "" : name + " ")\(verb): \(shown)\(rest)"
    }
  }

  private static func varied(_ study: JSONValue) -> [Choice] {
    (study["axes"]?.arrayValue ?? []).compactMap { axis in
      guard let place = axis["pointer"]?.stringValue.flatMap({ JSONPointer($0) }) else { return nil }
      let labels = (axis["labels"]?.arrayValue ?? []).compactMap(\.stringValue)
      var values: [String] = []
      for label in labels where !values.contains(label) { values.append(label) }
      return Choice(place: place, verb: "varies", values: values)
    }
  }

  /// The fields of the candidates among which each cell's procedure was chosen.
  private static func tuned(_ specifications: [JSONValue]) -> [Choice] {
    var choices: [Choice] = []
    let candidates = specifications.flatMap { $0.value(at: TuningCandidate.place)?.arrayValue ?? [] }
    let names = Set(
      candidates.flatMap { candidate -> [String] in
        guard case .object(let members) = candidate else { return [] }
        return Array(members.keys)
      })
    for name in names.sorted() {
      guard let place = JSONPointer(name) else { continue }
      var values: [String] = []
      for value in candidates.compactMap({ $0[name] }).map(Self.short) where !values.contains(value) {
        values.append(value)
      }
      choices.append(Choice(place: place, verb: "tuned", values: values))
    }
    return choices
  }

  /// What was chosen for the cells that were tuned, by their labels: learning_rate 0.01
  static func winners(_ cells: [JSONValue]) -> [String: String] {
    cells.reduce(into: [:]) { winners, cell in
      guard let label = cell["label"]?.stringValue,
        let winner = cell["result"]?["tuning"]?["winner"]?["values"]
      else { return }
      winners[label] = values(winner)
    }
  }

  /// learning_rate 0.01, kind adam; where nothing is replaced, as specified.
  static func values(_ values: JSONValue?) -> String {
    guard case .object(let members)? = values, !members.isEmpty else { return "as specified" }
    return members.sorted { $0.key < $1.key }.map { pointer, value in
      "\(JSONPointer(pointer)?.tokens.last ?? pointer) \(short(value))"
    }.joined(separator: ", ")
  }

  private static func short(_ value: JSONValue) -> String {
    if case .number(let number) = value { return Words.number(number) }
    return told(value) ?? value.text()
  }

  /// gaussian, classes 2, dimensions 16; nil of what has nothing to tell.
  private static func told(_ value: JSONValue) -> String? {
    switch value {
    case .null: return nil
    case .string(let text): return text
    case .array(let elements):
      return "[\(elements.map { told($0) ?? "null" }.joined(separator: ", "))]"
    case .object(let members):
      let leading = ["kind", "name"].filter { members[$0]?.stringValue != nil }
      let rest = members.sorted { $0.key < $1.key }.compactMap { name, value -> String? in
        guard !leading.contains(name), let text = told(value) else { return nil }
        if case .object = value { return "\(name) (\(text))" }
        return "\(name) \(text)"
      }
      let parts = leading.compactMap { members[$0]?.stringValue } + rest
      return parts.isEmpty ? nil : parts.joined(separator: ", ")
    default: return value.text()
    }
  }
}

extension JSONValue {
  /// What both say: members that are the same, at any depth; nil where nothing is.
  fileprivate func common(with other: JSONValue) -> JSONValue? {
    guard case .object(let members) = self, case .object(let others) = other else {
      return self == other ? self : nil
    }
    return .object(
      Dictionary(
        members.compactMap { name, value in
          others[name].flatMap { value.common(with: $0) }.map { (name, $0) }
        }
      ) { first, _ in first })
  }
}
