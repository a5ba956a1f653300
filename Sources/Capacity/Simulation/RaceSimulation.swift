import Training

/// A race run again and again among procedures whose fit curves are known, without training: how good its winners are and
/// what it costs.
package struct RaceSimulation: Sendable {
  package let race: Race
  /// The candidates' curves.
  package let curves: [SimulatedCurve]
  /// Keys every trial.
  package let seed: UInt64

  /// Simulations of a race.
  package init(race: Race, curves: [SimulatedCurve], seed: UInt64) {
    precondition(race.searches.count == curves.count, "a curve for each candidate")
    self.race = race
    self.curves = curves
    self.seed = seed
  }

  /// One trial's rounds, keyed by its index, and how it ended.
  package func play(_ index: Int) -> (standing: RaceStanding, rounds: [[ProbeObservation]]) {
    let runs = race.searches.indices.map { candidate in
      SearchSimulation(
        search: race.searches[candidate], curve: curves[candidate],
        seed: seed &+ UInt64(candidate) &* 0x9E37_79B9_7F4A_7C15)
    }
    var state = RaceState(race)
    var rounds: [[ProbeObservation]] = []
    var history: [ProbeObservation] = []
    while true {
      switch race.advance(&state, history) {
      case .finished(let standing): return (standing, rounds)
      case .round(let addresses):
        let round = addresses.map { address in
          let candidate = address.candidate ?? 0
          return runs[candidate].observation(address, curves[candidate], index)
        }
        rounds.append(round)
        history += round
      }
    }
  }

  /// n₅₀ of the winner over that of the best candidate.
  package func quality(of standing: RaceStanding) -> Double {
    curves[standing.winner].threshold / (curves.map(\.threshold).max() ?? 1)
  }
}
