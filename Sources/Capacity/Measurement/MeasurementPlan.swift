import Training

/// A measurement whose terms are all known: turns the probes that have ended into the next ones or the result.
/// Pure, so that the service and `emc measure` go the same way.
package struct MeasurementPlan: Sendable {
  /// The measurement.
  package let specification: MeasurementSpecification
  /// What it was admitted with.
  package let terms: MeasurementTerms
  /// The content of the data set it runs on.
  package let datasetDigest: String
  private let search: Search

  /// What to do next.
  package enum Step: Sendable {
    /// These probes of the current round have not ended.
    case probes([ProbeSpecification])
    /// The measurement is over.
    case result(MeasurementResult)
  }

  /// The plan of a measurement; nil as long as no content of its data set is pinned.
  package init?(specification: MeasurementSpecification, terms: MeasurementTerms) {
    guard let dataset = terms.dataset else { return nil }
    self.specification = specification
    self.terms = terms
    datasetDigest = dataset.digest
    search = Search(
      settings: specification.search,
      limits: SearchLimits(dataset: dataset.sampleLimit, memory: terms.memoryLimit))
  }

  /// P, the number of trainable parameters.
  package var parameterCount: Int { terms.parameterCount }

  /// Bytes that a probe of so many samples takes while it is trained; nil where this program can't build its network.
  package func memory(samples: Int) -> Int? {
    try? Footprint(specification.experiment, of: terms.form, samples: samples).memory.peak
  }

  /// The next step, from the probes that have ended.
  package func next(_ observations: [ProbeObservation]) -> Step {
    switch search.next(history(observations)) {
    case .round(let addresses):
      .probes(addresses.map(probe))
    case .estimate(let estimate):
      .result(
        MeasurementResult(
          estimate: estimate, parameterCount: parameterCount,
          kernels: Set(observations.map(\.kernels)).sorted()))
    }
  }

  /// The probe at an address.
  package func probe(_ address: ProbeAddress) -> ProbeSpecification {
    ProbeSpecification(experiment: specification.experiment, datasetDigest: datasetDigest, address: address)
  }

  /// The address of a probe of this measurement that may take `maxSteps` steps.
  package func address(samples: Int, replicate: Int, maxSteps: Int) -> ProbeAddress {
    let factor = maxSteps / specification.experiment.training.maxSteps
    return ProbeAddress(
      samples: samples, replicate: replicate, doublings: max(0, Int.bitWidth - 1 - factor.leadingZeroBitCount)
    )
  }

  /// How far the measurement has come: probes that have ended, the bracket so far, and the size it works on.
  package func progress(_ observations: [ProbeObservation]) -> JSONValue {
    let history = history(observations)
    let bracket = search.bracket(history)
    var current: Int?
    if case .round(let addresses) = search.next(history) { current = addresses.first?.samples }
    return .object([
      "probes_finished": .integer(observations.count), "bracket": bracket.json,
      "current_samples": .optional(current),
    ])
  }

  private func history(_ observations: [ProbeObservation]) -> SearchHistory {
    Dictionary(observations.map { ($0.address, $0.outcome) }) { first, _ in first }
  }
}
