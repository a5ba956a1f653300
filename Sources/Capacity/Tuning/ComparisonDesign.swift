import Foundation

/// Which size tells the most about whether a curve's threshold lies above a target: the mutual information of a probe's
/// outcome and that, for the steps that the probe is expected to cost.
struct ComparisonDesign {
  private let posterior: FitCurvePosterior
  /// Of each (s_j, λ_k, μ_i) the part of the mass whose threshold is above the target.
  private let above: [[Lanes]]
  private let massAbove: Double
  private let target: Double
  private let curves: CurveTable

  /// - Parameter target: ln n.
  init(_ posterior: FitCurvePosterior, target: Double) {
    self.posterior = posterior
    self.target = target
    let prior = posterior.prior
    curves = CurveTable(posterior.grid, scales: prior.scales)
    let points = posterior.grid.lanes { $0 }
    above = prior.scales.indices.flatMap { j in
      prior.lapses.indices.map { k in
        var row = posterior.weights[j * prior.lapses.count + k]
        guard prior.lapses[k] < 0.5 else { return [Lanes](repeating: Lanes(), count: row.count) }
        let edge = Lanes(repeating: target - prior.scales[j] * log(1 - 2 * prior.lapses[k]))
        for i in row.indices { row[i].replace(with: 0, where: points[i] .<= edge) }
        return row
      }
    }
    massAbove = above.reduce(0) { $0 + $1.reduce(Lanes(), +).sum() }
  }

  /// The best size from an eighth of the target to half as much again.
  func size(cost: StepCost) -> Int {
    let (low, high) = (posterior.range.lowerBound, posterior.range.upperBound)
    let first = min(max(low, target - log(8)), high)
    let last = max(first, min(high, target + log(1.5)))
    var best = (size: max(1, Int(exp(min(high, max(low, target))))), score: -1.0)
    for i in 0..<Self.count {
      let size = max(1, Int(exp(first + (last - first) * Double(i) / Double(Self.count - 1)).rounded()))
      let (fit, information) = information(at: log(Double(size)))
      let score = information / cost.expected(size, fit: fit)
      if score > best.score { best = (size, score) }
    }
    return best.size
  }

  private static let count = 24

  /// The probability of a fit, and what the outcome tells, in nats.
  private func information(at x: Double) -> (fit: Double, information: Double) {
    let prior = posterior.prior
    var rising = [Lanes](repeating: Lanes(), count: posterior.grid.rows)
    var (fitAbove, fit) = (0.0, 0.0)
    for j in prior.scales.indices {
      curves.fill(&rising, scale: j, at: x)
      for (k, lapse) in prior.lapses.enumerated() {
        let index = j * prior.lapses.count + k
        var (all, part) = (Lanes(), Lanes())
        for i in rising.indices {
          all += posterior.weights[index][i] * rising[i]
          part += above[index][i] * rising[i]
        }
        fit += (1 - lapse) * all.sum()
        fitAbove += (1 - lapse) * part.sum()
      }
    }
    func entropy(_ p: Double) -> Double {
      p <= 0 || p >= 1 ? 0 : -p * log(p) - (1 - p) * log(1 - p)
    }
    let massBelow = 1 - massAbove
    guard massAbove > 0, massBelow > 0 else { return (fit, 0) }
    let conditional =
      massAbove * entropy(fitAbove / massAbove) + massBelow * entropy((fit - fitAbove) / massBelow)
    return (fit, max(0, entropy(fit) - conditional))
  }
}
