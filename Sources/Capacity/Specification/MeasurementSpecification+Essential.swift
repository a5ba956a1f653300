extension MeasurementSpecification {
  /// The shortest document that says the same: without what would be as it is if nothing were said of it. Defaults depend on
  /// other members (the warm-up on the guard, a rate on its optimizer and the network, a candidate on the base), so each
  /// member is left out on trial.
  ///
  /// - Parameter form: that of the data; where it isn't known, what follows from it is said.
  package func essential(on form: DataForm?) -> JSONValue {
    var document = Self.leavingOut(from: json, at: []) { isSaid(by: $0, on: form) }
    // The others stay as they are, whatever is left out of one.
    for index in search.candidates.indices {
      document = Self.leavingOut(from: document, at: Self.tune.tokens + [String(index)]) {
        Self.candidates(of: $0, only: index, base: experiment, on: form) == [search.candidates[index]]
      }
    }
    return document
  }

  private static let tune = JSONPointer(tokens: ["search", "tune"])

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

  private func isSaid(by document: JSONValue, on form: DataForm?) -> Bool {
    let plain = document["search"]?["tune"] == nil ? document : document.replacing(Self.tune, with: .null)
    guard let plain, var said = try? MeasurementSpecification(recorded: plain, on: form) else { return false }
    said.search.candidates = search.candidates
    guard said == self else { return false }
    return Self.candidates(of: document, base: said.experiment, on: form) == search.candidates
  }

  /// The candidates that a document would be recorded with, or those of one of its elements.
  private static func candidates(
    of document: JSONValue, only index: Int? = nil, base: Experiment, on form: DataForm?
  ) -> [TuningCandidate] {
    var requested = TuningCandidate.read(
      ObjectReader(document["search"], at: "/search", faults: FaultCollector()))
    if let index { requested = requested.indices.contains(index) ? [requested[index]] : [] }
    return TuningExpansion(requested, of: document, base: base) { _, changed in
      guard let changed else { return nil }
      let faults = FaultCollector()
      var experiment = Experiment(recorded: ObjectReader(changed, at: "", faults: faults), on: form)
      experiment.training.fitTrainingError = base.training.fitTrainingError
      return faults.isEmpty ? experiment : nil
    }.candidates.map(\.recorded)
  }
}
