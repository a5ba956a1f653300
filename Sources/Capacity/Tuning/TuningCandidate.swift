/// One of the procedures that a measurement chooses among: values that stand in place of the specification's.
package struct TuningCandidate: Sendable, Hashable {
  /// By JSON pointer.
  package let values: [JSONPointer: JSONValue]

  /// Where a specification has its candidates.
  static let place = JSONPointer(tokens: ["search", "tune"])

  /// A candidate with these values.
  package init(values: [JSONPointer: JSONValue]) { self.values = values }

  /// As documents have it.
  var json: JSONValue {
    .object(Dictionary(values.map { ($0.key.description, $0.value) }) { first, _ in first })
  }

  /// The document with the candidate's values; nil where a pointer leads through something that has no members.
  ///
  /// Another `kind` takes the place of its whole object, whose other members then have that kind's defaults unless they
  /// have values here.
  ///
  /// - Parameter filled: the document with all its defaults.
  func applied(to document: JSONValue, filled: JSONValue) -> JSONValue? {
    var result = document
    for (pointer, value) in ordered {
      // An array that is left to its default has elements all the same.
      for length in 1..<max(1, pointer.tokens.count) {
        let place = JSONPointer(tokens: Array(pointer.tokens.prefix(length)))
        guard result.value(at: place) == nil, let array = filled.value(at: place), array.arrayValue != nil,
          let materialized = result.replacing(place, with: array)
        else { continue }
        result = materialized
      }
      let isOtherKind = pointer.tokens.last == "kind" && filled.value(at: pointer) != value
      let changed =
        isOtherKind
        ? result.replacing(Self.replaced(by: pointer), with: .object(["kind": value]))
        : result.replacing(pointer, with: value)
      guard let changed else { return nil }
      result = changed
    }
    return result
  }

  /// What a value at a place takes the place of: of a `kind` its whole object.
  static func replaced(by place: JSONPointer) -> JSONPointer {
    place.tokens.last == "kind" ? JSONPointer(tokens: place.tokens.dropLast()) : place
  }

  /// From the outside in, kinds before what depends on them.
  private var ordered: [(JSONPointer, JSONValue)] {
    values.sorted { a, b in
      let (first, second) = (Self.rank(a.key), Self.rank(b.key))
      return first == second ? a.key.description < b.key.description : first < second
    }.map { ($0.key, $0.value) }
  }

  private static func rank(_ pointer: JSONPointer) -> Int {
    2 * pointer.tokens.count + (pointer.tokens.last == "kind" ? 0 : 1)
  }

  /// What turns one filled-in document into another: objects of one kind member by member, everything else whole.
  private static func differences(
    from base: JSONValue, to other: JSONValue, at pointer: JSONPointer = JSONPointer(tokens: [])
  ) -> [JSONPointer: JSONValue] {
    if base == other { return [:] }
    guard case .object(let old) = base, case .object(let new) = other, Set(old.keys) == Set(new.keys),
      old["kind"] == new["kind"]
    else { return [pointer: other] }
    return new.reduce(into: [:]) { differences, member in
      let place = JSONPointer(tokens: pointer.tokens + [member.key])
      differences.merge(Self.differences(from: old[member.key] ?? .null, to: member.value, at: place)) { $1 }
    }
  }

  /// This request as it is recorded: what turns one filled-in document into another, and the places that it names with what
  /// stands there, be it what stands in the base as well, so that a reader sees every value that was tried.
  func filled(from base: JSONValue, to other: JSONValue) -> TuningCandidate {
    let differences = Self.differences(from: base, to: other)
    let named = values.keys.filter { place in !differences.keys.contains { $0.remainder(of: place) != nil } }
    let rest = differences.filter { difference in !named.contains { $0.remainder(of: difference.key) != nil }
    }
    let told = named.compactMap { place in other.value(at: place).map { (place, $0) } }
    return TuningCandidate(values: rest.merging(told) { $1 })
  }

  /// The experiment that a recorded document and this candidate make.
  ///
  /// - Throws: `SpecificationError` where they make none.
  func experiment(of base: Experiment) throws(SpecificationError) -> Experiment {
    let faults = FaultCollector()
    let document = base.json
    guard let changed = applied(to: document, filled: document) else {
      faults.add("/search/tune", json, allowed: "places of the specification", "leads nowhere")
      try faults.throwIfAny()
      return base
    }
    var experiment = Experiment(recorded: ObjectReader(changed, at: "", faults: faults))
    experiment.training.fitTrainingError = base.training.fitTrainingError
    try faults.throwIfAny()
    return experiment
  }
}
