extension MeasurementSpecification {
  /// The shortest document that says the same: without what would be as it is if nothing were said of it. Defaults depend on
  /// other members (the warm-up on the guard, a rate on its optimizer and the network, a candidate on the base), so each
  /// member is left out on trial.
  ///
  /// - Parameter form: that of the data; where it isn't known, what follows from it is said.
  package func essential(on form: DataForm?) -> JSONValue {
    let whole =
      json.replacing(TuningCandidate.place, with: .null).flatMap { isSaid(by: $0, on: form) ? $0 : nil }
      ?? json
    // Hardly ever does a candidate depend on what the base says beyond its defaults: they are looked at once.
    var document = Self.leavingOut(from: whole, at: []) {
      $0.value(at: TuningCandidate.place) == whole.value(at: TuningCandidate.place)
        && base(of: $0, on: form) != nil
    }
    if !isSaid(by: document, on: form) {
      document = Self.leavingOut(from: whole, at: []) { isSaid(by: $0, on: form) }
    }
    // The others stay as they are, whatever is left out of one.
    for (index, candidate) in search.candidates.enumerated() {
      let place = JSONPointer(tokens: TuningCandidate.place.tokens + [String(index)])
      document = Self.leavingOut(from: document, at: place.tokens) {
        guard let request = $0.value(at: place),
          let alone = $0.replacing(TuningCandidate.place, with: .array([request]))
        else { return false }
        return Self.candidates(of: alone, base: experiment, on: form) == [candidate]
      }
    }
    return document
  }

  private static func leavingOut(
    from document: JSONValue, at path: [String], where isSame: (JSONValue) -> Bool
  ) -> JSONValue {
    var document = document
    guard case .object(let members)? = document.value(at: JSONPointer(tokens: path)) else { return document }
    for name in members.keys.sorted() {
      let place = path + [name]
      if let without = document.replacing(JSONPointer(tokens: place), with: .null), isSame(without) {
        document = without
      } else {
        document = leavingOut(from: document, at: place, where: isSame)
      }
    }
    return document
  }

  /// Whether a document means this specification.
  private func isSaid(by document: JSONValue, on form: DataForm?) -> Bool {
    guard let base = base(of: document, on: form) else { return false }
    return Self.candidates(of: document, base: base, on: form) == search.candidates
  }

  /// What a document means but for its candidates; nil where that isn't what this specification does.
  private func base(of document: JSONValue, on form: DataForm?) -> Experiment? {
    let plain =
      document["search"]?["tune"] == nil ? document : document.replacing(TuningCandidate.place, with: .null)
    guard let plain, var said = try? MeasurementSpecification(recorded: plain, on: form) else { return nil }
    said.search.candidates = search.candidates
    return said == self ? said.experiment : nil
  }

  /// The candidates that a document would be recorded with.
  private static func candidates(
    of document: JSONValue, base: Experiment, on form: DataForm?
  ) -> [TuningCandidate] {
    let requested = TuningCandidate.read(
      ObjectReader(document["search"], at: "/search", faults: FaultCollector()))
    return TuningExpansion(requested, of: document, base: base) { _, changed in
      guard let changed else { return nil }
      let faults = FaultCollector()
      var experiment = Experiment(recorded: ObjectReader(changed, at: "", faults: faults), on: form)
      experiment.training.fitTrainingError = base.training.fitTrainingError
      return faults.isEmpty ? experiment : nil
    }.candidates.map(\.recorded)
  }
}
