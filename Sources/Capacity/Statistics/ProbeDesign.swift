import Foundation

/// Which sizes to probe next: those whose outcomes tell the most about μ for the training steps that they cost.
struct ProbeDesign {
  let posterior: FitCurvePosterior
  /// Sizes worth a look, ascending, with what a probe there is expected to tell for its cost.
  let candidates: [Candidate]

  struct Candidate {
    let samples: Int
    /// What a probe there is expected to tell about μ, and that for each step.
    let information: Double
    let score: Double
  }

  /// - Parameter cost: expected steps of a probe of a size that fits with a probability.
  init(
    _ posterior: FitCurvePosterior, threshold: ThresholdDistribution,
    cost: (_ samples: Int, _ fit: Double) -> Double
  ) {
    self.posterior = posterior
    let scale = posterior.expectedScale
    // All of what is believed may lie beyond either end.
    let range = posterior.range
    let low = min(max(range.lowerBound, threshold.quantile(0.002) - scale), range.upperBound)
    let high = min(max(low, threshold.quantile(0.998) + scale), range.upperBound)
    var sizes: [Int] = []
    for i in 0..<Self.count {
      let size = Int(exp(low + (high - low) * Double(i) / Double(Self.count - 1)).rounded())
      if size >= 1, size != sizes.last { sizes.append(size) }
    }
    let expected = ExpectedFits(posterior)
    candidates = sizes.map { size in
      let (fit, information) = expected.information(at: log(Double(size)))
      return Candidate(samples: size, information: information, score: information / cost(size, fit))
    }
  }

  private static let count = 32

  /// The best size, then sizes drawn with a probability that grows with their score: `uniforms` has a number from [0, 1)
  /// for each.
  func sizes(_ uniforms: [Double]) -> [Int] {
    let best = candidates.max { $0.score < $1.score }
    guard let best, best.score > 0 else {
      return [Int](repeating: candidates[0].samples, count: uniforms.count + 1)
    }
    // The power keeps draws near the best and apart from each other while little is known.
    let chances = candidates.map { pow($0.score / best.score, 6) }
    let total = chances.reduce(0, +)
    return [best.samples]
      + uniforms.map { uniform in
        var rest = uniform * total
        for (candidate, chance) in zip(candidates, chances) {
          rest -= chance
          if rest < 0 { return candidate.samples }
        }
        return best.samples
      }
  }
}

extension FitCurvePosterior {
  /// The posterior mean of s.
  var expectedScale: Double {
    prior.scales.enumerated().reduce(0) { sum, entry in
      let (j, scale) = entry
      return sum + scale * prior.lapses.indices.reduce(0) { $0 + mass(scale: j, lapse: $1) }
    }
  }

  /// The posterior mean of λ.
  var expectedLapse: Double {
    prior.lapses.enumerated().reduce(0) { sum, entry in
      let (k, lapse) = entry
      return sum + lapse * prior.scales.indices.reduce(0) { $0 + mass(scale: $1, lapse: k) }
    }
  }

  func mass(scale j: Int, lapse k: Int) -> Double {
    weights[j * prior.lapses.count + k].reduce(Lanes(), +).sum()
  }
}

/// E[p(n) | μ], for sizes of which many are looked at.
struct ExpectedFits {
  /// The mass of each μ_i.
  private let mass: [Lanes]
  /// Σ_λ (1 − λ) w for each s_j.
  private let heights: [[Lanes]]
  private let curves: CurveTable

  init(_ posterior: FitCurvePosterior) {
    let prior = posterior.prior
    let zero = [Lanes](repeating: Lanes(), count: posterior.grid.rows)
    var mass = zero
    heights = prior.scales.indices.map { j in
      var heights = zero
      for (k, lapse) in prior.lapses.enumerated() {
        let row = posterior.weights[j * prior.lapses.count + k]
        for i in row.indices {
          heights[i] += (1 - lapse) * row[i]
          mass[i] += row[i]
        }
      }
      return heights
    }
    self.mass = mass
    curves = CurveTable(posterior.grid, scales: prior.scales)
  }

  /// The probability that a probe at ln n = `x` fits, and what part of its outcome's variance μ explains, as
  /// Var(E[p | μ]) / √(p (1 − p)): for a step at an unknown place it is largest where a probe halves what is possible, for
  /// a known slope in the middle of the curve, a little towards the cheaper side.
  func information(at x: Double) -> (fit: Double, information: Double) {
    var fit = [Lanes](repeating: Lanes(), count: mass.count)
    var rising = fit
    for (j, row) in heights.enumerated() {
      curves.fill(&rising, scale: j, at: x)
      for i in row.indices { fit[i] += row[i] * rising[i] }
    }
    let total = fit.reduce(Lanes(), +).sum()
    var square = Lanes()
    for i in fit.indices { square += fit[i] * fit[i] / (mass[i] + .leastNormalMagnitude) }
    let explained = max(0, square.sum() - total * total)
    return (total, explained / max(1e-9, total * (1 - total)).squareRoot())
  }
}
