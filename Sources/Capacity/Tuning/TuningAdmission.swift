import Datasets
import Training

/// The candidates of a client's document, each held against everything, as `Admission` holds the document itself.
struct TuningAdmission {
  /// As a recorded document has them: what turns the filled-in document into each.
  private(set) var candidates: [TuningCandidate] = []
  /// The largest size that memory holds of every candidate's probes; nil where memory sets no limit.
  private(set) var memoryLimit: Int?

  /// - Parameters:
  ///   - requested: what `search.tune` asks for.
  ///   - document: the client's.
  ///   - base: the experiment that it makes by itself, without a fault.
  init(
    _ requested: [TuningCandidate], of document: JSONValue, base: Experiment, dataset: SpecifiedDataset,
    facts: DatasetFacts, sampleLimit: Int, memoryLimit bytes: Int, verifies: Bool, _ faults: FaultCollector
  ) {
    var reported: Set<SpecificationFault> = []
    let expansion = TuningExpansion(requested, of: document, base: base) { request, changed in
      let inner = FaultCollector()
      var experiment = base
      if let changed {
        let reader = ObjectReader(changed, at: "", faults: inner)
        experiment = Experiment(reading: reader, dataset: dataset, facts: facts)
        experiment.training.fitTrainingError = base.training.fitTrainingError
        // What takes the place of the whole procedure has steps of its own, the default's where it names none.
        let (own, steps) = (experiment.training.maxSteps, base.training.maxSteps)
        if inner.isEmpty, own != steps {
          inner.add(
            "/training/max_steps", .integer(own), allowed: "\(steps), as the specification has it",
            TuningCandidate.stepsAreNoChoice)
        }
        if inner.isEmpty { _ = experiment.check(against: facts, memoryLimit: bytes, inner) }
      } else {
        let filled = base.json
        for (place, value) in request.values.sorted(by: { $0.key.description < $1.key.description })
        where TuningCandidate(values: [place: value]).applied(to: document, filled: filled) == nil {
          inner.add(place.description, value, allowed: "places of the specification", Self.leadsNowhere)
        }
        if inner.isEmpty {
          inner.add(
            "", request.json, allowed: "places that don't lie within each other", "lead nowhere together")
        }
      }
      for fault in inner.faults {
        let translated = Self.translated(fault, request, of: document)
        if reported.insert(translated).inserted {
          faults.add(
            translated.pointer, translated.value, allowed: translated.allowed, translated.detail)
        }
      }
      return inner.isEmpty ? experiment : nil
    }
    candidates = expansion.candidates.map(\.recorded)
    for (_, experiment) in expansion.candidates {
      if let limit = Footprint.largestSize(
        experiment, of: facts.form, upTo: sampleLimit, within: bytes, verifies: verifies)
      {
        memoryLimit = min(memoryLimit ?? limit, limit)
      }
    }
    if expansion.count > TuningCandidate.limit {
      faults.add(
        "/search/tune", nil, allowed: "1 to \(TuningCandidate.limit) combinations",
        "makes \(expansion.count) combinations with the \(TuningExpansion.rates.count) rates of \"auto\"")
    }
  }

  private static let leadsNowhere = "leads nowhere"

  /// A candidate's fault where the client wrote it: at the place that was tuned, or within the value that was written there.
  private static func translated(
    _ fault: SpecificationFault, _ request: TuningCandidate, of document: JSONValue
  ) -> SpecificationFault {
    let place = JSONPointer(fault.pointer)
    let own = request.values.keys.sorted { $0.description < $1.description }.first { key in
      guard let place else { return false }
      return key.remainder(of: place) != nil || place.remainder(of: key) != nil
    }
    guard let own else {
      return SpecificationFault(
        pointer: "/search/tune", value: request.json, allowed: fault.allowed,
        detail: "makes a procedure that can't be run: \(fault.pointer) \(fault.detail)")
    }
    let inner = place.flatMap(own.remainder)?.tokens ?? []
    let namesNothing = fault.detail == ObjectReader.unknownField && inner.isEmpty
    let isName = namesNothing || fault.detail == leadsNowhere
    return SpecificationFault(
      pointer: written(own, inner, request, of: document, isName: isName).description,
      value: namesNothing ? .string(own.description) : fault.value, allowed: fault.allowed,
      detail: namesNothing ? "names nothing" : fault.detail)
  }

  /// Where the document has a candidate's value, or what is within it: among those of its place, or in the candidate's own
  /// object.
  ///
  /// - Parameter isName: whether the place itself is meant, not one of its values.
  private static func written(
    _ place: JSONPointer, _ inner: [String], _ request: TuningCandidate, of document: JSONValue, isName: Bool
  ) -> JSONPointer {
    let tune = TuningCandidate.place.tokens
    if case .array(let candidates)? = document.value(at: TuningCandidate.place) {
      let index = candidates.firstIndex(of: request.json)
      return JSONPointer(tokens: tune + (index.map { [String($0)] } ?? []) + [place.description] + inner)
    }
    let values = document.value(at: TuningCandidate.place)?[place.description]?.arrayValue
    let index = isName ? nil : request.values[place].flatMap { values?.firstIndex(of: $0) }
    return JSONPointer(tokens: tune + [place.description] + (index.map { [String($0)] + inner } ?? []))
  }
}
