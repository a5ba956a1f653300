extension MeasurementSpecification {
  /// The shortest document that says the same: without what would be as it is if nothing were said of it. Defaults depend on
  /// other members (the warm-up on the guard, a rate on its optimizer), so each member is left out on trial.
  package var essential: JSONValue { leavingOut(from: json, at: []) }

  private func leavingOut(from document: JSONValue, at path: [String]) -> JSONValue {
    var document = document
    guard case .object(let members)? = path.reduce(Optional(document), { $0?[$1] }) else { return document }
    for name in members.keys.sorted() {
      let place = path + [name]
      let without = document.merging(place.reversed().reduce(.null) { .object([$1: $0]) })
      if (try? MeasurementSpecification(recorded: without)) == self {
        document = without
      } else {
        document = leavingOut(from: document, at: place)
      }
    }
    return document
  }
}
