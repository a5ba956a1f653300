import Compute
import Foundation
import Synchronization
import Training

/// A search run again and again against a known curve, without training: what its intervals are worth and what it costs.
package struct SearchSimulation: Sendable {
  package let search: Search
  /// The curve; each trial's threshold lies within ±10 % of its, log-uniformly.
  package let curve: SimulatedCurve
  /// Keys every trial.
  package let seed: UInt64

  /// Simulations of a search.
  package init(search: Search, curve: SimulatedCurve, seed: UInt64) {
    self.search = search
    self.curve = curve
    self.seed = seed
  }

  /// How one trial went.
  package struct Trial: Sendable, Hashable {
    /// Whether the interval holds the threshold at the last guard.
    package var isCovered: Bool
    /// ln(n₅₀ found / true); nil where none was claimed or it lies beyond the range.
    package var error: Double?
    /// (upper − lower) / n₅₀ of the interval.
    package var relativeWidth: Double?
    /// Runs.
    package var probes: Int
    /// Steps of all runs.
    package var steps: Double
    /// Whether the search calls its reading settled; nil where it isn't to settle.
    package var isSettled: Bool?
  }

  /// Runs `trials` trials on `workers` threads; a pure function of the simulation.
  package func run(trials: Int, workers: Int) -> SimulationSummary {
    let results = Mutex([Trial?](repeating: nil, count: trials))
    let indices = Array(0..<trials)
    // Nothing in a trial throws.
    try? concurrently(indices, workers: workers) { index in
      let trial = trial(index)
      results.withLock { $0[index] = trial }
    }
    return SimulationSummary(trials: results.withLock { $0.compactMap(\.self) })
  }

  /// One trial, keyed by its index.
  package func trial(_ index: Int) -> Trial {
    let play = play(index)
    return outcome(play.rounds.flatMap(\.self), play.search, play.curve)
  }

  /// What of a round may be asked for after all that was seen: the search is over where that is nothing.
  package typealias Affordable = ([ProbeAddress], [ProbeObservation]) -> [ProbeAddress]

  /// One trial's rounds, keyed by its index, with the search and the curve that it drew.
  ///
  /// - Parameters:
  ///   - roundLimit: rounds after which it is left, whether or not the search is over.
  ///   - affordable: what limits leave of a round.
  package func play(
    _ index: Int, roundLimit: Int = .max, affordable: Affordable = { addresses, _ in addresses }
  ) -> (search: Search, curve: SimulatedCurve, rounds: [[ProbeObservation]], isOver: Bool) {
    var stream = RandomStream(seed: seed, purpose: .simulation, samples: index)
    var curve = curve
    curve.threshold *= exp((2 * stream.uniform() - 1) * log(1.1))
    let search = keyed(stream.next())
    let (rounds, isOver) = rounds(
      search: search, curve: curve, index: index, limit: roundLimit, affordable: affordable)
    return (search, curve, rounds, isOver)
  }

  /// The search with a seed of its own.
  func keyed(_ seed: UInt64) -> Search {
    var keyed = Search(
      settings: search.settings, limits: search.limits, procedure: search.procedure, seed: seed)
    keyed.prior = search.prior
    return keyed
  }

  /// All probes that a search asks for, as a curve answers them.
  func history(search: Search, curve: SimulatedCurve, index: Int) -> [ProbeObservation] {
    rounds(search: search, curve: curve, index: index, limit: .max) { addresses, _ in addresses }
      .rounds.flatMap(\.self)
  }

  private func rounds(
    search: Search, curve: SimulatedCurve, index: Int, limit: Int, affordable: Affordable
  ) -> (rounds: [[ProbeObservation]], isOver: Bool) {
    var rounds: [[ProbeObservation]] = []
    var history: [ProbeObservation] = []
    while case .round(let addresses) = search.next(history) {
      guard rounds.count < limit else { return (rounds, false) }
      let round = affordable(addresses, history).map { observation($0, curve, index) }
      if round.isEmpty { break }
      rounds.append(round)
      history += round
    }
    return (rounds, true)
  }

  /// How a probe of a trial ends.
  func observation(_ address: ProbeAddress, _ curve: SimulatedCurve, _ index: Int) -> ProbeObservation {
    let steps = search.procedure.maxSteps << address.doublings
    guard address.kind != .verification else {
      return ProbeObservation(address: address, outcome: nil, steps: 0, verdict: .undecided)
    }
    // The same run whatever its guard, unless the procedure depends on that.
    let run = search.procedure.dependsOnGuard ? address.doublings : 0
    var stream = RandomStream(
      RandomStream(seed: seed, purpose: .simulation, samples: index, replicate: address.replicate + 1),
      index: address.samples &* 64 &+ run)
    let fit = curve.fitSteps(
      samples: address.samples, u: stream.uniform(), guardSteps: search.procedure.maxSteps)
    if let fit, fit <= Double(steps) {
      return ProbeObservation(address: address, outcome: .fit, steps: Int(fit.rounded(.up)))
    }
    return ProbeObservation(address: address, outcome: .budget, steps: steps)
  }

  private func outcome(_ history: [ProbeObservation], _ search: Search, _ curve: SimulatedCurve) -> Trial {
    let runs = search.runs(history)
    let doublings = search.doublings(runs)
    let threshold = search.threshold(history, doublings: doublings).told
    let truth = curve.threshold * pow(1 + curve.growth, Double(doublings))
    let (lower, upper) = threshold.interval
    var isSettled: Bool?
    if case .settle(let tolerance, _) = search.settings.budget {
      isSettled = search.growth(history, doublings: doublings, threshold: threshold).isSettled(tolerance)
    }
    let isCovered =
      threshold.isClaimed && lower.map { Double($0) <= truth } ?? true
      && upper.map { truth <= Double($0) } ?? true
    return Trial(
      isCovered: isCovered, error: threshold.samples.map { log($0 / truth) },
      relativeWidth: threshold.isTwoSided ? threshold.relativeWidth : nil, probes: search.runCount(history),
      steps: Self.steps(history, dependsOnGuard: search.procedure.dependsOnGuard),
      isSettled: isSettled)
  }

  /// Steps that were taken: a longer probe of the same run takes only those that are new, unless the procedure depends on its
  /// guard, so that each is a run of its own.
  private static func steps(_ history: [ProbeObservation], dependsOnGuard: Bool) -> Double {
    var longest: [ProbeAddress: Int] = [:]
    for observation in history {
      let address = observation.address
      let run = dependsOnGuard ? address : address.withoutGuard
      longest[run] = max(longest[run] ?? 0, observation.steps)
    }
    return longest.values.reduce(0) { $0 + Double($1) }
  }
}

/// What the trials of a simulation come to.
package struct SimulationSummary: Sendable {
  /// In the order of their keys.
  package let trials: [SearchSimulation.Trial]

  /// The part of the trials whose interval holds the threshold.
  package var coverage: Double { share { $0.isCovered } }
  /// The mean of ln(n₅₀ found / true) of the trials that found one; nil where none did.
  package var bias: Double? {
    let errors = trials.compactMap(\.error)
    return errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count)
  }
  /// The median of (upper − lower) / n₅₀ of the trials whose interval has two ends; nil where none has.
  package var relativeWidth: Double? {
    let widths = trials.compactMap(\.relativeWidth)
    return widths.isEmpty ? nil : Self.quantile(widths, 0.5)
  }
  /// The part of the trials that call themselves settled; nil where they aren't to settle.
  package var settled: Double? {
    trials.contains { $0.isSettled == nil } ? nil : share { $0.isSettled == true }
  }

  private func share(_ condition: (SearchSimulation.Trial) -> Bool) -> Double {
    Double(trials.count(where: condition)) / Double(max(1, trials.count))
  }

  /// The value below which lies this part of the trials.
  package static func quantile(_ values: [Double], _ part: Double) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let place = part * Double(sorted.count - 1)
    let low = Int(place)
    let high = min(sorted.count - 1, low + 1)
    return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
  }

  /// The summary as `emc simulate` shows it.
  package var json: JSONValue {
    .object([
      "trials": .integer(trials.count),
      "coverage": .number(coverage),
      "bias": bias.map(JSONValue.finite) ?? .null,
      "relative_width": .object(["median": relativeWidth.map(JSONValue.number) ?? .null]),
      "probes": spread(trials.map { Double($0.probes) }),
      "steps": spread(trials.map(\.steps)),
      "settled": settled.map(JSONValue.number) ?? .null,
    ])
  }

  private func spread(_ values: [Double]) -> JSONValue {
    .object([
      "mean": .finite(values.reduce(0, +) / Double(max(1, values.count))),
      "median": .finite(Self.quantile(values, 0.5)), "p90": .finite(Self.quantile(values, 0.9)),
    ])
  }
}
