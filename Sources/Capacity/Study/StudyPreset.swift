/// A study that is at hand by its name: a question with its hypotheses, controls, and what would refute them.
package struct StudyPreset: Sendable {
  /// How much it costs.
  package enum Scale: String, Sendable, CaseIterable {
    /// At most ten minutes on two cores, with data that need no download.
    case quick
    /// Hours.
    case standard
    /// Days, on many workers.
    case paper
  }

  package let name: String
  /// What it asks.
  package let question: String
  /// The whole document: `question`, `claim`, `hypotheses`, `controls`, `refuted_by`, `study`, `scales`.
  package let json: JSONValue

  /// Reads a preset's text; nil where it has no name, no question or no study.
  package init?(parsing text: String) {
    guard let json = try? JSONValue(parsing: Array(text.utf8)), let name = json["name"]?.stringValue,
      let question = json["question"]?.stringValue, json["study"] != nil
    else { return nil }
    self.name = name
    self.question = question
    self.json = json
  }

  /// What is said of it: everything but the studies themselves.
  package var description: [String: JSONValue] {
    guard case .object(var members) = json else { return [:] }
    members["study"] = nil
    members["scales"] = nil
    return members
  }

  /// The study's document at a scale: the common one with the scale's changes merged into it.
  package func study(_ scale: Scale) -> JSONValue {
    let study = (json["study"] ?? .object([:])).merging(json["scales"]?[scale.rawValue] ?? .object([:]))
    guard study["name"] == nil else { return study }
    return study.merging(.object(["name": .string("\(name), \(scale.rawValue)")]))
  }
}

/// The presets that a process knows.
package struct StudyPresets: Sendable {
  /// In the order of their names.
  package let all: [StudyPreset]

  /// Presets by their texts; what can't be read is left out.
  package init(texts: [String] = []) {
    all = texts.compactMap(StudyPreset.init(parsing:)).sorted { $0.name < $1.name }
  }

  /// The preset of a name.
  package subscript(name: String) -> StudyPreset? { all.first { $0.name == name } }
}
