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
  /// What asks for its probes.
  package let search: Search

  /// What to do next.
  package enum Step: Sendable {
    /// The probes of the next round.
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
      limits: SearchLimits(dataset: dataset.sampleLimit, memory: terms.memoryLimit),
      procedure: SearchedProcedure(specification.experiment.training), seed: specification.experiment.seed)
  }

  /// P, the number of trainable parameters.
  package var parameterCount: Int { terms.parameterCount }

  /// Bytes that a probe of so many samples takes; nil where this program can't build its network.
  package func memory(samples: Int, kind: ProbeKind = .training) -> Int? {
    let memory = try? Footprint(specification.experiment, of: terms.form, samples: samples).memory
    return kind == .verification ? memory?.verifiedPeak : memory?.peak
  }

  /// The next step after whole rounds: every probe that was asked for has ended.
  package func next(_ observations: [ProbeObservation]) -> Step {
    switch search.next(observations) {
    case .round(let addresses): .probes(addresses.map(probe))
    case .finished: afterwards(observations)
    }
  }

  /// What follows the search: the networks that are to be tested, then the result.
  private func afterwards(_ observations: [ProbeObservation]) -> Step {
    let ended = Set(observations.map(\.address))
    let doublings = search.doublings(search.runs(observations))
    let missing = (specification.generalization?.addresses(doublings: doublings) ?? []).filter {
      !ended.contains($0)
    }
    return missing.isEmpty ? .result(result(observations)) : .probes(missing.map(probe))
  }

  /// What these probes tell, whether or not the search would ask for more.
  package func result(_ observations: [ProbeObservation]) -> MeasurementResult {
    MeasurementResult(
      estimate: Estimate(observations, search: search),
      generalization: generalization(observations), parameterCount: parameterCount,
      kernels: Set(observations.map(\.kernels)).sorted())
  }

  /// What the networks that were trained to be tested get right; nil where none were asked for, or fewer than two are there.
  package func generalization(_ observations: [ProbeObservation]) -> Generalization? {
    specification.generalization.flatMap { settings in
      Generalization(observations.compactMap(\.accuracies), settings: settings, level: search.settings.level)
    }
  }

  /// The probe at an address.
  package func probe(_ address: ProbeAddress) -> ProbeSpecification {
    var experiment = specification.experiment
    if address.kind == .generalization, let settings = specification.generalization {
      experiment.data.testSamples = settings.testSamples
    }
    return ProbeSpecification(experiment: experiment, datasetDigest: datasetDigest, address: address)
  }

  /// The address of a probe of this measurement that may take `maxSteps` steps.
  package func address(
    samples: Int, replicate: Int, maxSteps: Int, kind: ProbeKind? = nil
  ) -> ProbeAddress {
    let factor = max(1, maxSteps / specification.experiment.training.maxSteps)
    return ProbeAddress(
      samples: samples, replicate: replicate, doublings: factor.trailingZeroBitCount,
      kind: kind ?? ProbeKind(trainingOf: replicate))
  }

  /// How far the measurement has come: the probes that have ended, what they tell so far, and what is being trained.
  ///
  /// - Parameter outstanding: the probes that have been asked for and have not ended.
  package func progress(_ observations: [ProbeObservation], outstanding: [ProbeAddress] = []) -> JSONValue {
    let estimate = Estimate(observations, search: search)
    let interval = estimate.threshold.interval
    let hasProbes = !observations.isEmpty
    return .object([
      "probes_finished": .integer(observations.count),
      "emc": hasProbes ? .optional(estimate.emc) : .null,
      "interval": .object([
        "level": .number(search.settings.level), "lower": hasProbes ? .optional(interval.lower) : .null,
        "upper": hasProbes ? .optional(interval.upper) : .null,
      ]),
      "relative_width": hasProbes ? .number(estimate.threshold.relativeWidth) : .null,
      "bracket": estimate.bracket.json,
      "current_samples": .optional(outstanding.first?.samples),
      "training": .array(
        outstanding.map { address in
          .object([
            "samples": .integer(address.samples), "replicate": .integer(address.replicate),
            "kind": .string(address.kind.rawValue),
          ])
        }),
      "steps": .integer(observations.reduce(0) { $0 + $1.steps }),
    ])
  }
}
