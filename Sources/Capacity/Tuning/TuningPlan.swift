import Foundation
import Synchronization
import Training

/// The race of a measurement that chooses among procedures: the candidates' experiments, and how far the race has come.
package struct TuningPlan: Sendable {
  /// What each candidate has in place of the specification's.
  package let candidates: [TuningCandidate]
  /// What each candidate trains.
  package let experiments: [Experiment]
  /// What asks for their probes.
  package let race: Race
  /// What their probes cost; nil where this program can't build a network.
  let costs: [TrainingCost?]
  private let memo = Memo()

  /// What has been worked out: a cache of pure functions, nothing else.
  private final class Memo: Sendable {
    let state = Mutex<RaceState?>(nil)
    /// The candidates of probes, by address and digest.
    let digests = Mutex<[ProbeAddress: [String: Int]]>([:])
  }

  /// The race of a measurement; nil where nothing is tuned.
  ///
  /// - Throws: `SpecificationError` where a candidate makes no experiment.
  init?(_ specification: MeasurementSpecification, form: DataForm, limits: SearchLimits)
    throws(SpecificationError)
  {
    guard !specification.search.candidates.isEmpty else { return nil }
    candidates = specification.search.candidates
    var experiments: [Experiment] = []
    for candidate in candidates { experiments.append(try candidate.experiment(of: specification.experiment)) }
    self.experiments = experiments
    var settings = specification.search
    settings.initialSamples = min(max(settings.initialSamples, 1), limits.samples)
    race = Race(
      experiments.map {
        Search(
          settings: settings, limits: limits, procedure: SearchedProcedure($0.training), seed: $0.seed)
      })
    costs = experiments.map { TrainingCost($0, of: form) }
  }

  /// Whether candidates have different learning rates.
  var racesRate: Bool { Set(experiments.map(\.training.learningRate)).count > 1 }

  /// What the race asks for after whole rounds.
  func next(_ history: [ProbeObservation]) -> Race.Decision {
    memo.state.withLock { kept in
      var state = kept ?? RaceState(race)
      // Another history than the one that it grew from.
      if state.runCount > history.count { state = RaceState(race) }
      let decision = race.advance(&state, history)
      kept = state
      return decision
    }
  }

  /// How the candidates stand, and whether the race is over.
  func standing(_ history: [ProbeObservation]) -> (standing: RaceStanding, isOver: Bool) {
    if case .finished(let standing) = next(history) { return (standing, true) }
    let state = memo.state.withLock { $0 } ?? RaceState(race)
    return (race.standing(state, with: history), false)
  }

  /// Which candidate a probe of a race belongs to; nil for one of none.
  func candidate(of digest: String, at address: ProbeAddress, datasetDigest: String) -> Int? {
    memo.digests.withLock { known in
      if let found = known[address] { return found[digest] }
      let digests = Dictionary(
        experiments.enumerated().map { index, experiment in
          (
            ProbeSpecification(experiment: experiment, datasetDigest: datasetDigest, address: address).digest,
            index
          )
        }
      ) { first, _ in first }
      known[address] = digests
      return digests[digest]
    }
  }
}

/// How a race ended, or stands, in a measurement's result.
package struct TuningReport: Sendable {
  /// How the candidates stand.
  package let standing: RaceStanding
  let plan: TuningPlan
  private let winner: MeasurementSpecification
  private let isOver: Bool

  init(_ plan: TuningPlan, _ standing: RaceStanding, winner: MeasurementSpecification, isOver: Bool) {
    self.plan = plan
    self.standing = standing
    self.winner = winner
    self.isOver = isOver
  }

  /// What a result's `tuning` is.
  var json: JSONValue {
    .object([
      "winner": .object([
        "values": plan.candidates[standing.winner].json, "specification": winner.json,
      ]),
      "finished": .bool(isOver),
      "tolerance": .number(Race.tolerance),
      "confidence": .number(standing.confidence),
      "candidates": .array(standing.candidates.indices.map(candidate)),
      "cost": cost,
      "probes": .array(standing.probes.map(probe)),
    ])
  }

  private func candidate(_ index: Int) -> JSONValue {
    let candidate = standing.candidates[index]
    let threshold = candidate.threshold.told
    let (lower, upper) = threshold.interval
    let fits = candidate.runs.count { $0.outcome == .fit }
    return .object([
      "values": plan.candidates[index].json,
      // Of one that fitted nothing failures alone say where it may be.
      "emc": .optional(fits > 0 ? threshold.emc : nil),
      "interval": .object([
        "level": .number(threshold.level), "lower": .optional(lower), "upper": .optional(upper),
      ]),
      "probes": .integer(candidate.runs.count),
      "fits": .integer(fits),
      "steps": .integer(candidate.runs.reduce(0) { $0 + $1.steps }),
      "dropped_after": .optional(candidate.droppedAfter),
    ])
  }

  private var cost: JSONValue {
    let probes = standing.probes
    let flops = standing.candidates.enumerated().reduce(0.0) { sum, entry in
      sum + (plan.costs[entry.offset]?.flops(of: entry.element.runs) ?? 0)
    }
    return .object([
      "probes": .integer(probes.count), "steps": .integer(probes.reduce(0) { $0 + $1.steps }),
      "flops": .finite(flops),
    ])
  }

  private func probe(_ observation: ProbeObservation) -> JSONValue {
    let address = observation.address
    return .object([
      "candidate": .optional(address.candidate), "samples": .integer(address.samples),
      "replicate": .integer(address.replicate),
      "max_steps": .integer(plan.race.searches[0].procedure.maxSteps << address.doublings),
      "outcome": observation.outcome.map { .string($0.rawValue) } ?? .null,
      "steps": .integer(observation.steps),
      "blas_kernels": .string(observation.kernels),
    ])
  }

  /// What a summary says of it.
  var sentence: String {
    let count = standing.candidates.count
    let dropped = standing.candidates.count { $0.droppedAfter != nil }
    let values = plan.candidates[standing.winner].values.sorted { $0.key.description < $1.key.description }
      .map { "\($0.key) = \($0.value.text())" }.joined(separator: ", ")
    let name = values.isEmpty ? "the specification as it stands" : values
    guard isOver else { return "The race among \(count) candidates was not over; \(name) led." }
    if count == 1 { return "\(name) is the only candidate: there was nothing to choose." }
    let won =
      "Of \(count) candidates \(name) won a race of \(standing.probes.count) runs (\(dropped) \(dropped == 1 ? "was" : "were") "
      + "dropped on the way), and was measured anew"
    let chance =
      "the chance that none of the others fits over \(Int(Race.tolerance * 100)) % more is "
      + String(format: "%.2f", standing.confidence)
    return won + "; " + (standing.isDecided ? "" : "its runs were used up before it was decided: ") + chance
      + "."
  }
}
