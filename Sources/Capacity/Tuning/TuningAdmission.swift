import Datasets

/// The candidates of a client's document, each held against everything, as `Admission` holds the document itself.
struct TuningAdmission {
  /// As a recorded document has them: what turns the filled-in document into each.
  let candidates: [TuningCandidate]
  /// What each of them trains.
  let experiments: [Experiment]

  /// - Parameters:
  ///   - requested: what `search.tune` asks for.
  ///   - document: the client's.
  ///   - base: the experiment that it makes by itself.
  ///   - facts: the data set's; nil where they, or the base, are at fault. Then the candidates are read, not run: what is
  ///     wrong where they are written is told, but for what is wrong with the base as well.
  init(
    _ requested: [TuningCandidate], of document: JSONValue, base: Experiment, dataset: SpecifiedDataset,
    facts: DatasetFacts?, memoryLimit: Int, _ faults: FaultCollector
  ) {
    let reader = TuningReader(
      document: document, base: base, dataset: dataset, facts: facts, memoryLimit: memoryLimit,
      known: Set(faults.faults))
    // What several candidates have wrong is told once.
    var told: Set<SpecificationFault> = []
    let expansion = TuningExpansion(requested, of: document, base: base) { request, changed in
      let (experiment, own) = reader.experiment(of: request, making: changed)
      for fault in own where told.insert(fault).inserted { faults.add(fault) }
      return experiment
    }
    candidates = expansion.candidates.map(\.recorded)
    experiments = expansion.candidates.map(\.experiment)
    if expansion.count > TuningCandidate.limit {
      faults.add(
        "/search/tune", nil, allowed: "1 to \(TuningCandidate.limit) combinations",
        "makes \(expansion.count) combinations with the \(TuningExpansion.rates.count) rates of \"auto\"")
    }
  }
}
