import Foundation

/// ln of the likelihood Π p(n)^fits (1 − p(n))^failures of every curve of a grid, of counts whose likelihood a double can't hold.
struct LogLikelihood {
  /// values[j · lapses + k] has (s_j, λ_k, μ_i) for every i, ln of the prior's weight included.
  private var values: [[Lanes]]

  init(_ counts: [FitCount], _ prior: FitCurvePrior, on grid: CurveGrid) {
    values = prior.scaleWeights.flatMap { scaleWeight in
      prior.lapseWeights.map { [Lanes](repeating: Lanes(repeating: log(scaleWeight * $0)), count: grid.rows) }
    }
    let places = grid.places
    for count in counts {
      let x = log(Double(count.samples))
      let (fits, failures) = (Double(count.fits), Double(count.failures))
      for (j, scale) in prior.scales.enumerated() {
        for (i, place) in places.enumerated() {
          let z = (x - place) / scale
          // ln 1 / (1 + exp z), and of what is left of 1: neither loses what is far from one half.
          let (rising, falling) = (-z.mapped(Self.softplus), -(-z).mapped(Self.softplus))
          for (k, lapse) in prior.lapses.enumerated() {
            let fit = log1p(-lapse) + rising
            let failure = lapse == 0 ? falling : falling.mapped { log(lapse + (1 - lapse) * exp($0)) }
            values[j * prior.lapses.count + k][i] += fits * fit + failures * failure
          }
        }
      }
    }
  }

  /// The likelihoods beside the largest.
  var weights: [[Lanes]] {
    let largest = values.joined().map { $0.max() }.max() ?? 0
    return values.map { $0.map { $0.mapped { exp($0 - largest) } } }
  }

  /// ln(1 + exp z)
  private static func softplus(_ z: Double) -> Double { max(z, 0) + log1p(exp(-abs(z))) }
}
