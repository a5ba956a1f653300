/// The members of a study's document, of which there are two kinds.
enum StudyMembers {
  /// Those of a study of one's own.
  static let own = ["name", "base", "axes", "combine", "tune", "compare"]
  /// Those of a preset's.
  static let ofPreset = ["preset", "scale", "name", "seed", "overrides"]

  /// Notes the members that don't belong to the document's kind; of every one it is told what both kinds take.
  ///
  /// - Parameter besides: members that either kind may have, and that others read.
  static func finish(_ reader: ObjectReader, besides: [String]) {
    let isPreset = reader.has("preset")
    let (known, others) = isPreset ? (ofPreset, own) : (own, ofPreset)
    let words = { (names: [String]) in (names + besides).joined(separator: ", ") }
    for name in reader.names where !known.contains(name) {
      reader.fault(
        name, allowed: "the members \(words(own)); or, of a preset, \(words(ofPreset))",
        !others.contains(name)
          ? ObjectReader.unknownField : isPreset ? "doesn't go with a preset" : "goes with a preset only")
    }
  }
}
