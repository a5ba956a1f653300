import Compute
import Foundation

/// Fit curves as they may be.
struct CurvePrior: Sendable {
  let parameterCount: Int
  /// Whether labels follow from inputs, so that far more than parameters can hold may fit.
  let canLearn: Bool

  /// The candidate that is the best of so many in the `index`-th draw.
  static func best(of candidates: Int, _ index: Int, seed: UInt64) -> Int {
    var stream = RandomStream(seed: seed &+ 0x6C8E_9CF5, purpose: .simulation, samples: index)
    return Int(stream.below(UInt64(candidates)))
  }

  /// The rounds of a race whose best candidate has this curve, all others a threshold that is 20^(−u²) times its with u
  /// uniform: half of them above 0.47 of it, a quarter below 0.19.
  func race(_ race: Race, best: Int, with curve: SimulatedCurve, _ index: Int) -> [[ProbeObservation]] {
    var stream = RandomStream(
      seed: race.searches[0].seed &+ 0x2545_F491, purpose: .simulation, samples: index)
    let curves = race.searches.indices.map { candidate in
      var other = curve
      let u = stream.uniform()
      if candidate != best { other.threshold = max(1, curve.threshold * pow(20, -u * u)) }
      return other
    }
    return RaceSimulation(race: race, curves: curves, seed: stream.next()).play(index).rounds
  }

  /// The `index`-th draw.
  func curve(_ index: Int, seed: UInt64) -> SimulatedCurve {
    var stream = RandomStream(seed: seed &+ 0x5851_F42D, purpose: .simulation, samples: index)
    func logUniform(_ low: Double, _ high: Double) -> Double { low * pow(high / low, stream.uniform()) }
    let perParameter = canLearn ? logUniform(0.1, 4) : logUniform(0.05, 1.2)
    let threshold = Double(parameterCount) * perParameter
    let scale = logUniform(0.05, 0.4)
    let growth = logUniform(0.03, 0.5)
    let lapse = stream.uniform() < 0.75 ? 0 : 0.2 * stream.uniform()
    return SimulatedCurve(
      shape: .logistic, threshold: max(1, threshold), scale: scale, lapse: lapse, growth: growth)
  }
}
