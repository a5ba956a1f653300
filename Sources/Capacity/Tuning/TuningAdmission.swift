import Datasets
import Training

/// The candidates of a client's document, each held against everything, as `Admission` holds the document itself.
struct TuningAdmission {
  /// As a recorded document has them: what turns the filled-in document into each.
  private(set) var candidates: [TuningCandidate] = []
  /// The largest size that memory holds of every candidate's probes; nil where memory sets no limit.
  private(set) var memoryLimit: Int?

  /// The rates of `"auto"`.
  static let rates: [Double] = (0...10).map { index in
    let decades = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10][index / 2]
    return index % 2 == 0 ? decades : decades * 3.162_277_660_168_379_4
  }
  private static let rate = JSONPointer(tokens: ["training", "optimizer", "learning_rate"])

  /// - Parameters:
  ///   - requested: what `search.tune` asks for.
  ///   - document: the client's.
  ///   - base: the experiment that it makes by itself, without a fault.
  init(
    _ requested: [TuningCandidate], of document: JSONValue, base: Experiment, dataset: SpecifiedDataset,
    facts: DatasetFacts, sampleLimit: Int, memoryLimit bytes: Int, verifies: Bool, _ faults: FaultCollector
  ) {
    guard !requested.isEmpty || base.training.learningRate == .automatic else { return }
    let filled = base.json
    var found: [Experiment] = []
    var reported: Set<SpecificationFault> = []
    var queue = requested.isEmpty ? [TuningCandidate(values: [:])] : requested
    var count = queue.count
    while !queue.isEmpty {
      let request = queue.removeFirst()
      let inner = FaultCollector()
      var experiment = base
      if let changed = request.applied(to: document, filled: filled) {
        let reader = ObjectReader(changed, at: "", faults: inner)
        experiment = Experiment(reading: reader, dataset: dataset, facts: facts)
        experiment.training.fitTrainingError = base.training.fitTrainingError
        if inner.isEmpty { _ = experiment.check(against: facts, memoryLimit: bytes, inner) }
      } else {
        inner.add("", request.json, allowed: "places of the specification", "leads nowhere")
      }
      for fault in inner.faults {
        let translated = Self.translated(fault, request)
        if reported.insert(translated).inserted {
          faults.add(
            translated.pointer, translated.value, allowed: translated.allowed, translated.detail)
        }
      }
      guard inner.isEmpty else { continue }
      if experiment.training.learningRate == .automatic {
        count += Self.rates.count - 1
        guard count <= TuningCandidate.limit else { continue }
        queue =
          Self.rates.map { rate in
            TuningCandidate(values: request.values.merging([Self.rate: .number(rate)]) { $1 })
          } + queue
        continue
      }
      guard !found.contains(experiment) else { continue }
      found.append(experiment)
      candidates.append(request.filled(from: filled, to: experiment.json))
      if let limit = Footprint.largestSize(
        experiment, of: facts.form, upTo: sampleLimit, within: bytes, verifies: verifies)
      {
        memoryLimit = min(memoryLimit ?? limit, limit)
      }
    }
    if count > TuningCandidate.limit {
      faults.add(
        "/search/tune", nil, allowed: "1 to \(TuningCandidate.limit) combinations",
        "makes \(count) combinations with the \(Self.rates.count) rates of \"auto\"")
    }
  }

  /// A candidate's fault where the client wrote it: at the place that was tuned.
  private static func translated(_ fault: SpecificationFault, _ request: TuningCandidate)
    -> SpecificationFault
  {
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
    let namesNothing = fault.detail == "is not a known field"
    return SpecificationFault(
      pointer: "/search/tune" + JSONPointer(tokens: [own.description]).description,
      value: namesNothing ? .string(own.description) : fault.value, allowed: fault.allowed,
      detail: namesNothing ? "names nothing" : fault.detail)
  }
}
