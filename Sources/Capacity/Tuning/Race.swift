import Compute
import Foundation
import Training

/// Which of several procedures fits the most samples: all are tried at sizes and guards that cost little, the leaders are
/// measured, and the others are held against the best of them until they are surely worse, or surely no better than by the
/// tolerance.
///
/// A candidate is dropped on its runs with the whole guard alone (and on runs that ended before it: no further step
/// makes them fit), where the chance that its n₅₀ is above the leader's is below 2 %; it is never dropped for being slow at
/// first. The race is over when the chance that any candidate's n₅₀ is more than the tolerance above the leader's is at
/// most 10 %, or its runs are used up.
///
/// A pure function of the runs, like a search: rounds are asked for whole, with replicates from 2²⁰ on, so that a measurement
/// of the winner rests on none of them.
package struct Race: Sendable {
  /// What is known of each candidate beforehand.
  let searches: [Search]
  /// Runs at most.
  let runLimit: Int

  /// Replicates of a race begin here; those of a measurement stay below.
  package static let firstReplicate = 1 << 20
  /// How much better than the winner a candidate may be.
  package static let tolerance = 0.05
  /// The chance that one is better than that.
  static let risk = 0.1
  /// The chance of being the best below which a candidate is dropped.
  static let dropChance = 0.02
  /// Halvings of the guard with which candidates are tried first.
  static let scoutHalvings = 4

  /// A race among the procedures of these searches, of which settings, limits and seed are one and the same.
  package init(_ searches: [Search]) {
    precondition(!searches.isEmpty, "a race needs candidates")
    self.searches = searches
    runLimit = 100 + 20 * searches.count
  }

  /// What comes next.
  package enum Decision: Sendable {
    /// Probes; each names its candidate.
    case round([ProbeAddress])
    /// The race is over.
    case finished(RaceStanding)
  }

  /// What comes after whole rounds: every probe that was asked for has ended.
  package func next(_ history: [ProbeObservation]) -> Decision {
    var state = RaceState(self)
    return advance(&state, history)
  }

  /// The same, going on from a state that a part of the history led to.
  func advance(_ state: inout RaceState, _ history: [ProbeObservation]) -> Decision {
    let known = Dictionary(history.map { ($0.address, $0) }) { first, _ in first }
    while true {
      let round = round(&state)
      if round.isEmpty { return .finished(standing(state)) }
      let ended = round.compactMap { known[$0] }
      // Of a round that a limit has cut short what has ended isn't asked for again.
      guard ended.count == round.count else { return .round(round.filter { known[$0] == nil }) }
      state.note(ended, self)
    }
  }

  /// How the candidates stand after whole rounds and what has ended of the one that is under way.
  func standing(_ state: RaceState, with history: [ProbeObservation]) -> RaceStanding {
    var state = state
    let seen = Set(state.observations.joined().map(\.address))
    // Whichever ended first.
    state.note(history.filter { !seen.contains($0.address) }.sorted { $0.address < $1.address }, self)
    return standing(state)
  }

  private func standing(_ state: RaceState) -> RaceStanding {
    let leader = state.leader
    return RaceStanding(
      winner: leader, confidence: state.confidence(in: leader),
      isDecided: Self.isDecided(state.threats(to: leader)),
      candidates: searches.indices.map { index in
        RaceStanding.Candidate(
          search: searches[index], training: state.runs[index], runs: state.observations[index],
          droppedAfter: state.dropped[index])
      })
  }

  /// Whether hardly any of those that weren't dropped may be better than the leader by more than the tolerance.
  private static func isDecided(_ threats: [Int: Double]) -> Bool { threats.values.reduce(0, +) <= risk }

  // MARK: - Rounds

  /// The next round; empty where the race is over.
  private func round(_ state: inout RaceState) -> [ProbeAddress] {
    guard searches.count > 1, state.runCount < runLimit else { return [] }
    if let scouts = scouts(state) { return scouts }
    state.drop()
    let leader = state.leader
    let threats = state.threats(to: leader)
    if Self.isDecided(threats) { return [] }
    let ranked = threats.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    return state.isCoarse(leader) ? measuring(state, leader, ranked) : comparing(state, leader, ranked)
  }

  /// Every candidate at doubled sizes while it fits with a sixteenth of the guard; nil where that is over.
  private func scouts(_ state: RaceState) -> [ProbeAddress]? {
    let procedure = searches[0].procedure
    guard state.scoutSize != nil, !searches.contains(where: \.procedure.dependsOnGuard),
      procedure.maxSteps >> Self.scoutHalvings >= 50
    else { return nil }
    let limit = searches[0].limits.samples
    let first = min(searches[0].settings.initialSamples, limit)
    let size = first << state.scoutRounds
    guard size <= limit, size >= first else { return nil }
    let round = searches.indices.filter { state.isScouting[$0] }.map { index in
      ProbeAddress(
        samples: size, replicate: Self.firstReplicate, doublings: -Self.scoutHalvings, candidate: index)
    }
    return round.isEmpty ? nil : round
  }

  /// Where the leader is hardly known: two runs of it, and one each of the two others that are the likeliest to be better, as one
  /// that has had no run with the whole guard may well be.
  private func measuring(_ state: RaceState, _ leader: Int, _ ranked: [Int]) -> [ProbeAddress] {
    var asked = Asked(state, self)
    var stream = RandomStream(
      seed: searches[0].seed, purpose: .search, samples: state.runCount, replicate: Self.firstReplicate)
    let design = design(state, leader)
    return design.sizes([stream.uniform()]).map { asked.address(leader, $0) }
      + ranked.prefix(2).map { asked.address($0, self.design(state, $0).sizes([])[0]) }
  }

  /// Where the leader is known: those that may be better by more than the tolerance, each at the size that tells the most
  /// about that for its cost, and the leader once more.
  private func comparing(_ state: RaceState, _ leader: Int, _ ranked: [Int]) -> [ProbeAddress] {
    var asked = Asked(state, self)
    let count = max(3, (ranked.count + 3) / 4)
    let target = state.medians[leader]
    return [asked.address(leader, design(state, leader).sizes([])[0])]
      + ranked.prefix(count).map { index in
        asked.address(
          index,
          ComparisonDesign(state.thresholds[index].posterior, target: target).size(cost: cost(state, index)))
      }
  }

  private func design(_ state: RaceState, _ index: Int) -> ProbeDesign {
    let (threshold, cost) = (state.thresholds[index], cost(state, index))
    return ProbeDesign(threshold.posterior, threshold: threshold.distribution) { cost.expected($0, fit: $1) }
  }

  private func cost(_ state: RaceState, _ index: Int) -> StepCost {
    StepCost(
      state.runs[index].filter { $0.isFit(at: searches[index].procedure.maxSteps) != nil },
      search: searches[index],
      guardSteps: searches[index].procedure.maxSteps,
      likelySize: exp(state.thresholds[index].distribution.quantile(0.5)))
  }

  /// The addresses of a round: the next replicate of each candidate's size.
  private struct Asked {
    private var replicates: [ProbeAddress: Int] = [:]

    init(_ state: RaceState, _ race: Race) {
      for (index, runs) in state.runs.enumerated() {
        let guardSteps = race.searches[index].procedure.maxSteps
        for run in runs {
          let place = ProbeAddress(samples: run.samples, replicate: 0, candidate: index)
          // A run that was stopped early goes on.
          let isDecided = run.isFit(at: guardSteps) != nil
          let next = run.replicate - Race.firstReplicate + (isDecided ? 1 : 0)
          replicates[place] = max(replicates[place] ?? 0, next)
        }
      }
    }

    mutating func address(_ candidate: Int, _ samples: Int) -> ProbeAddress {
      let place = ProbeAddress(samples: samples, replicate: 0, candidate: candidate)
      defer { replicates[place, default: 0] += 1 }
      return ProbeAddress(
        samples: samples, replicate: Race.firstReplicate + (replicates[place] ?? 0), candidate: candidate)
    }
  }
}

/// How the candidates of a race stand.
package struct RaceStanding: Sendable {
  /// One candidate.
  package struct Candidate: Sendable {
    fileprivate let search: Search
    fileprivate let training: [TrainingRun]
    /// Its probes, in the order in which they were asked for.
    package let runs: [ProbeObservation]
    /// After how many probes of the race it was dropped; nil while it isn't.
    package let droppedAfter: Int?

    /// What its runs with the whole guard tell, read as a measurement's are.
    package var threshold: MeasuredThreshold {
      MeasuredThreshold(verdictsOf: training, at: search.procedure.maxSteps, search: search)
    }
  }

  /// The leader.
  package let winner: Int
  /// The chance that no candidate's n₅₀ is more than the tolerance above the winner's.
  package let confidence: Double
  /// Whether the chance that one of those that weren't dropped is better by more than that is as small as is asked for.
  package let isDecided: Bool
  /// In their order.
  package let candidates: [Candidate]

  /// Probes of all.
  package var probes: [ProbeObservation] { candidates.flatMap(\.runs) }
}
