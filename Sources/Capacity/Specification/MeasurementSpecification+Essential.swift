extension MeasurementSpecification {
  /// The shortest document that says the same: without what would be as it is if nothing were said of it. Defaults depend on
  /// other members (the warm-up on the guard, a rate on its optimizer and the network), so each member is left out on trial.
  ///
  /// - Parameter form: that of the data; where it isn't known, what follows from it is said.
  package func essential(on form: DataForm?) -> JSONValue { leavingOut(from: json, at: [], form) }

  private func leavingOut(from document: JSONValue, at path: [String], _ form: DataForm?) -> JSONValue {
    var document = document
    guard case .object(let members)? = path.reduce(Optional(document), { $0?[$1] }) else { return document }
    for name in members.keys.sorted() {
      let place = path + [name]
      let without = document.merging(place.reversed().reduce(.null) { .object([$1: $0]) })
      if (try? MeasurementSpecification(recorded: without, on: form)) == self {
        document = without
      } else {
        document = leavingOut(from: document, at: place, form)
      }
    }
    return document
  }
}
