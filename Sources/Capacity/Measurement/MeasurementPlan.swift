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
  /// What its probes cost; nil where this program can't build its network.
  package let cost: TrainingCost?
  /// The race that chooses its procedure; nil where there is no choice, or the choice is made.
  package let tuning: TuningPlan?
  /// How the choice was made.
  private let report: TuningReport?

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
    let limits = SearchLimits(dataset: dataset.sampleLimit, memory: terms.memoryLimit)
    let tuning: TuningPlan?
    do {
      tuning = try TuningPlan(specification, form: terms.form, limits: limits)
    } catch {
      preconditionFailure("a candidate that was admitted makes no experiment: \(error)")
    }
    self.init(specification, terms, digest: dataset.digest, limits, tuning, nil)
  }

  private init(
    _ specification: MeasurementSpecification, _ terms: MeasurementTerms, digest: String,
    _ limits: SearchLimits, _ tuning: TuningPlan?, _ report: TuningReport?
  ) {
    self.specification = specification
    self.terms = terms
    datasetDigest = digest
    self.tuning = tuning
    self.report = report
    var procedure = SearchedProcedure(specification.experiment)
    procedure.rateIsRaced = report?.plan.racesRate == true
    search = Search(
      settings: specification.search, limits: limits, procedure: procedure,
      seed: specification.experiment.seed)
    cost = TrainingCost(specification.experiment, of: terms.form)
  }

  /// P, the number of trainable parameters.
  package var parameterCount: Int {
    guard report != nil else { return terms.parameterCount }
    let footprint = try? Footprint(specification.experiment, of: terms.form, samples: 1)
    return footprint?.parameterCount ?? terms.parameterCount
  }

  /// Bytes that a probe takes; nil where this program can't build its network.
  package func memory(of probe: ProbeSpecification) -> Int? {
    let memory = try? Footprint(probe.experiment, of: terms.form, samples: probe.address.samples).memory
    return probe.address.kind == .verification ? memory?.verifiedPeak : memory?.peak
  }

  /// The next step after whole rounds: every probe that was asked for has ended.
  package func next(_ observations: [ProbeObservation]) -> Step {
    if let tuning {
      switch tuning.next(observations.ofRace) {
      case .round(let addresses): return step(addresses, observations)
      case .finished(let standing): return winning(tuning, standing, isOver: true).next(observations)
      }
    }
    switch search.next(observations.ofMeasurement) {
    case .round(let addresses): return step(addresses, observations)
    case .finished: return afterwards(observations)
    }
  }

  /// The probe that it begins with, and the operations that it may take; nil where this program can't build its network.
  var first: (address: ProbeAddress, most: Double)? {
    let addresses: [ProbeAddress]
    if let tuning, case .round(let round) = tuning.next([]) {
      addresses = round
    } else if case .round(let round) = search.next([]) {
      addresses = round
    } else {
      return nil
    }
    guard let address = addresses.first, let cost = cost(of: address.candidate) else { return nil }
    return (address, cost.most(of: address))
  }

  /// What follows the search: the networks that are to be tested, then the result.
  private func afterwards(_ observations: [ProbeObservation]) -> Step {
    let own = observations.ofMeasurement
    let ended = Set(own.map(\.address))
    let doublings = search.doublings(search.runs(own))
    let missing = (specification.generalization?.addresses(doublings: doublings) ?? []).filter {
      !ended.contains($0)
    }
    if !missing.isEmpty { return step(missing, observations) }
    return .result(result(observations, end: wasCut(observations) ? .maxFlops : .search))
  }

  /// Whether a grid, which asks only once, was cut short by the limit of operations.
  private func wasCut(_ observations: [ProbeObservation]) -> Bool {
    guard case .grid(let grid) = search.settings.strategy else { return false }
    let runs = observations.count { $0.address.candidate == nil && $0.address.kind == .training }
    return runs < grid.sizes.count * grid.replicates
  }

  private func step(_ addresses: [ProbeAddress], _ observations: [ProbeObservation]) -> Step {
    let affordable = specification.limits.affordable(addresses, spent: flops(of: observations)) { address in
      cost(of: address.candidate)?.most(of: address) ?? 0
    }
    return affordable.isEmpty
      ? .result(result(observations, end: .maxFlops)) : .probes(affordable.map(probe))
  }

  /// The plan of a race's winner, or of its leader so far, by itself.
  private func winning(_ tuning: TuningPlan, _ standing: RaceStanding, isOver: Bool) -> MeasurementPlan {
    var winner = specification
    winner.experiment = tuning.experiments[standing.winner]
    winner.search.candidates = []
    let report = TuningReport(tuning, standing, winner: winner, isOver: isOver)
    return MeasurementPlan(winner, terms, digest: datasetDigest, search.limits, nil, report)
  }

  /// The measurement itself and its own probes: without its race, whose runs chose the procedure and say nothing of what is
  /// measured by it, of the race's winner, or of its leader so far.
  package func measured(
    _ observations: [ProbeObservation]
  ) -> (plan: MeasurementPlan, own: [ProbeObservation]) {
    let own = observations.ofMeasurement
    guard let tuning else { return (self, own) }
    let (standing, isOver) = tuning.standing(observations.ofRace)
    return (winning(tuning, standing, isOver: isOver), own)
  }

  /// What these probes tell, whether or not the search would ask for more.
  package func result(
    _ observations: [ProbeObservation], end: MeasurementEnd = .search
  ) -> MeasurementResult {
    let (plan, own) = measured(observations)
    return MeasurementResult(
      estimate: Estimate(own, search: plan.search), generalization: plan.generalization(own),
      parameterCount: plan.parameterCount, kernels: Set(observations.map(\.kernels)).sorted(), end: end,
      endsSearch: end == .search || !plan.isSearchOver(own), limits: specification.limits,
      tuning: plan.report, isNested: specification.experiment.data.nested)
  }

  /// Whether, of a measurement that has ended, limits ended the search.
  func isCutShort(_ own: [ProbeObservation]) -> Bool {
    specification.limits != MeasurementLimits() && !isSearchOver(own)
  }

  /// Whether its search asks for no more runs, so that at most what follows it is missing.
  private func isSearchOver(_ own: [ProbeObservation]) -> Bool {
    guard tuning == nil, !wasCut(own) else { return false }
    return switch search.next(own) {
    case .finished: true
    case .round(let addresses): addresses.allSatisfy { $0.kind == .verification }
    }
  }

  /// What the networks that were trained to be tested get right; nil where none were asked for, or fewer than two are there.
  package func generalization(_ observations: [ProbeObservation]) -> Generalization? {
    specification.generalization.flatMap { settings in
      // In the order of their replicates, whichever ended first: the last bits of a sum depend on it.
      let accuracies = observations.sorted { $0.address < $1.address }.compactMap(\.accuracies)
      return Generalization(accuracies, settings: settings, level: search.settings.level)
    }
  }

  /// The probe at an address.
  package func probe(_ address: ProbeAddress) -> ProbeSpecification {
    var experiment = address.candidate.flatMap { tuning?.experiments[$0] } ?? specification.experiment
    if address.kind == .generalization, let settings = specification.generalization {
      experiment.data.testSamples = settings.testSamples
    }
    return ProbeSpecification(experiment: experiment, datasetDigest: datasetDigest, address: address)
  }

  /// Operations that these probes took.
  private func flops(of observations: [ProbeObservation]) -> Double {
    Dictionary(grouping: observations, by: \.address.candidate)
      .map { cost(of: $0.key)?.flops(of: $0.value) ?? 0 }.sorted().reduce(0, +)
  }

  private func cost(of candidate: Int?) -> TrainingCost? {
    guard let candidate else { return cost }
    return (tuning ?? report?.plan)?.costs[candidate]
  }

  /// Whether a measurement whose first probe was taken up so many seconds ago is to end.
  package func isOutOfTime(elapsed: Double?) -> Bool {
    guard let elapsed, let maxSeconds = specification.limits.maxSeconds else { return false }
    return elapsed >= maxSeconds
  }

  /// The address of a probe of this measurement that may take `maxSteps` steps.
  ///
  /// - Parameter digest: its content address, which says whose probe one of a race is.
  package func address(
    samples: Int, replicate: Int, maxSteps: Int, kind: ProbeKind? = nil, digest: String? = nil
  ) -> ProbeAddress {
    let guardSteps = specification.experiment.training.maxSteps
    if let tuning, let digest,
      (Race.firstReplicate..<GeneralizationSettings.firstReplicate).contains(replicate)
    {
      let place = ProbeAddress(
        samples: samples, replicate: replicate, doublings: maxSteps < guardSteps ? -Race.scoutHalvings : 0)
      return ProbeAddress(
        samples: samples, replicate: replicate, doublings: place.doublings,
        candidate: tuning.candidate(of: digest, at: place, datasetDigest: datasetDigest))
    }
    let factor = max(1, maxSteps / guardSteps)
    return ProbeAddress(
      samples: samples, replicate: replicate, doublings: factor.trailingZeroBitCount,
      kind: kind ?? ProbeKind(trainingOf: replicate))
  }

  /// Probes under way that progress names: it is stored and sent with every probe that ends, and a grid asks for all at once.
  private static let named = 20

  /// How far the measurement has come: the probes that have ended, what they tell so far, and what is being trained.
  ///
  /// - Parameters:
  ///   - outstanding: the probes that have been asked for and have not ended.
  ///   - elapsed: seconds since the first probe was taken up, where they are known.
  package func progress(
    _ observations: [ProbeObservation], outstanding: [ProbeAddress] = [], elapsed: Double? = nil
  ) -> JSONValue {
    if let tuning {
      return progress(tuning, observations, outstanding: outstanding, elapsed: elapsed)
    }
    let own = observations.ofMeasurement
    let estimate = Estimate(own, search: search)
    let secondsLeft = TimeLeft(observations, outstanding: outstanding, estimate, search: search)
      .seconds(elapsed: elapsed, limits: specification.limits)
    return .object([
      "probes_finished": .integer(observations.count),
      "emc": .optional(estimate.emc),
      "interval": estimate.intervalJSON(estimate.threshold),
      "relative_width": own.isEmpty ? .null : .finite(estimate.threshold.relativeWidth),
      "bracket": estimate.bracket.json,
      "current_samples": .optional(outstanding.first?.samples),
      "probes_under_way": .integer(outstanding.count),
      "training": .array(
        outstanding.prefix(Self.named).map { address in
          .object([
            "samples": .integer(address.samples), "replicate": .integer(address.replicate),
            "kind": .string(address.kind.rawValue),
          ])
        }),
      "steps": .integer(observations.reduce(0) { $0 + $1.steps }),
      "seconds_left": secondsLeft.map(JSONValue.finite) ?? .null,
    ])
  }

  /// How far a measurement has come that begins with a race.
  private func progress(
    _ tuning: TuningPlan, _ observations: [ProbeObservation], outstanding: [ProbeAddress], elapsed: Double?
  ) -> JSONValue {
    let racing = observations.ofRace
    let (standing, isOver) = tuning.standing(racing)
    let inner = winning(tuning, standing, isOver: isOver)
      .progress(observations, outstanding: outstanding, elapsed: elapsed)
    guard case .object(var members) = inner else { return inner }
    members["tuning"] = .object([
      "candidates": .integer(tuning.candidates.count),
      "left": .integer(isOver ? 1 : standing.candidates.count { $0.droppedAfter == nil }),
      "finished": .bool(isOver), "leader": tuning.candidates[standing.winner].json,
    ])
    return .object(members)
  }
}

extension [ProbeObservation] {
  /// Those that a race asked for: they choose a procedure, and tell nothing of what is measured with it.
  fileprivate var ofRace: [ProbeObservation] { filter { $0.address.candidate != nil } }
  /// All others.
  fileprivate var ofMeasurement: [ProbeObservation] { filter { $0.address.candidate == nil } }
}
