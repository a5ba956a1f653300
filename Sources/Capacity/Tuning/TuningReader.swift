import Datasets
import Training

/// Reads the candidates of a client's document, and tells what is wrong with each where the client wrote it.
struct TuningReader {
  /// The client's.
  let document: JSONValue
  /// The experiment that it makes by itself.
  let base: Experiment
  let dataset: SpecifiedDataset
  /// What candidates are held against; nil where the base is at fault, so that they are but read.
  let facts: DatasetFacts?
  /// Bytes that the probes of a machine may take together.
  let memoryLimit: Int
  /// The faults of the base, which are not a candidate's.
  let known: Set<SpecificationFault>

  /// The experiment of a candidate, or what is wrong with it.
  ///
  /// - Parameter changed: the document that it makes; nil where its places lead nowhere.
  func experiment(of request: TuningCandidate, making changed: JSONValue?)
    -> (experiment: Experiment?, faults: [SpecificationFault])
  {
    let own = FaultCollector()
    let experiment = read(request, changed, own)
    let told = own.faults.filter { !known.contains($0) }.compactMap { fault -> SpecificationFault? in
      let place = Self.place(of: fault, in: request)
      if facts == nil, !(place.map(canBeJudged) ?? false) { return nil }
      return Self.translated(fault, at: place, request, of: document)
    }
    return (own.isEmpty ? experiment : nil, told)
  }

  /// Whether nothing around a tuned place is at fault in the base.
  private func canBeJudged(_ place: JSONPointer) -> Bool {
    !known.contains { fault in
      guard let around = JSONPointer(fault.pointer), around != place else { return false }
      return around.remainder(of: place) != nil
    }
  }

  private func read(_ request: TuningCandidate, _ changed: JSONValue?, _ faults: FaultCollector) -> Experiment
  {
    let filled = base.json
    // Where the places together lead nowhere, those that do by themselves are told, and the rest is read without them.
    var rest = request.values
    if changed == nil {
      for (place, value) in request.values.sorted(by: { $0.key.description < $1.key.description })
      where TuningCandidate(values: [place: value]).applied(to: document, filled: filled) == nil {
        faults.add(place.description, value, allowed: "places of the specification", Self.leadsNowhere)
        rest[place] = nil
      }
    }
    guard let made = changed ?? TuningCandidate(values: rest).applied(to: document, filled: filled) else {
      faults.add(
        "", request.json, allowed: "places that don't lie within each other", "lead nowhere together")
      return base
    }
    var experiment = Experiment(
      reading: ObjectReader(made, at: "", faults: faults), dataset: dataset, facts: facts)
    // What takes the place of the whole procedure has steps of its own, the default's where it names none.
    let (own, steps) = (experiment.training.maxSteps, base.training.maxSteps)
    if faults.isEmpty, own != steps {
      faults.add(
        "/training/max_steps", .integer(own), allowed: "\(steps), as the specification has it",
        TuningCandidate.stepsAreNoChoice)
    }
    if faults.isEmpty, let facts { _ = experiment.check(against: facts, memoryLimit: memoryLimit, faults) }
    return experiment
  }

  private static let leadsNowhere = "leads nowhere"

  /// The tuned place that a candidate's fault lies at, within or around: of a field that stands in no tuned value the one that
  /// leads through it.
  private static func place(of fault: SpecificationFault, in request: TuningCandidate) -> JSONPointer? {
    guard let place = JSONPointer(fault.pointer) else { return nil }
    let keys = request.values.keys.sorted { $0.description < $1.description }
    let isWritten = place.isWritten(in: request.values.map { (place: $0.key, value: $0.value) })
    let through = keys.first { place.remainder(of: $0) != nil }
    return (isWritten ? nil : through) ?? keys.last { $0.remainder(of: place) != nil } ?? through
  }

  /// A candidate's fault where the client wrote it: at the place that was tuned, or within the value that was written there.
  private static func translated(
    _ fault: SpecificationFault, at own: JSONPointer?, _ request: TuningCandidate, of document: JSONValue
  ) -> SpecificationFault {
    guard let own else {
      return SpecificationFault(
        pointer: "/search/tune", value: request.json, allowed: fault.allowed,
        detail: "makes a procedure that can't be run: \(fault.pointer) \(fault.detail)")
    }
    let inner = JSONPointer(fault.pointer).flatMap(own.remainder)?.tokens ?? []
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
