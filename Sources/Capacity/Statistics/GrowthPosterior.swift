import Foundation

/// How much n₅₀ grew when the guard was doubled to B, from when runs fitted: the fit curves of the guards B/4, B/2 and B are
/// one curve, which moved by ln(1 + g) + δ from the first to the second and by ln(1 + g) from that to the third, and a run that
/// fitted between two of them says so. A run that was stopped at a guard without a verdict says only that it hadn't fitted by then.
///
/// Growth slows: δ ≥ 0. With one g for both doublings what was gained between B/4 and B/2 would be promised of the next.
///
/// The posterior of (μ, g, δ, s, λ) on a grid; g is what is asked for.
package struct GrowthPosterior: Sendable {
  /// When a run fitted.
  package enum Time: Int, Sendable, Hashable, CaseIterable {
    case byQuarter, byHalf, byWhole
    case notByQuarter, notByHalf, notByWhole
  }

  /// g with its masses.
  private let masses: [Double]

  /// 0 is a value of its own: many procedures have spent all they can long before their guard.
  static let growths: [Double] = [
    0, 0.006, 0.0125, 0.02, 0.0275, 0.035, 0.043, 0.052, 0.063, 0.078, 0.1, 0.13, 0.17, 0.23, 0.32, 0.45, 0.7,
    1,
  ]
  /// Even in ln(g + 0.03): what a late fit tells is growth over scale, so that many large growths would be possible with a
  /// wide curve if they were thought as likely as small ones.
  private static let growthWeights: [Double] = growths.indices.map { index in
    let (low, high) = bounds(index)
    return log((high + 0.03) / (low + 0.03))
  }

  /// δ with its prior weights: mostly growth is nearly even.
  private static let slowings: [(step: Double, weight: Double)] = [
    (0, 0.6), (0.15, 0.16), (0.4, 0.14), (0.8, 0.1),
  ]

  /// The interval that a value of g stands for.
  private static func bounds(_ index: Int) -> (Double, Double) {
    let low = index <= 1 ? 0 : (growths[index - 1] + growths[index]) / 2
    let high =
      index == 0
      ? growths[1] / 2
      : index == growths.count - 1 ? growths[index] : (growths[index] + growths[index + 1]) / 2
    return (low, high)
  }

  /// The growth at the guard B of these runs.
  package init(_ runs: [(samples: Int, time: Time)], threshold: FitCurvePosterior) {
    let prior = threshold.priorForGrowth
    let grid = CurveGrid(over: threshold.grid.window, count: 48, spacing: 0.08)
    let curves = CurveTable(grid, scales: prior.scales)
    let before = Self.growthWeights.flatMap { growth in
      Self.slowings.flatMap { slowing in
        prior.scaleWeights.flatMap { scale in
          prior.lapseWeights.map {
            [Lanes](repeating: Lanes(repeating: growth * slowing.weight * scale * $0), count: grid.rows)
          }
        }
      }
    }
    var counts: [RunClass: Int] = [:]
    for run in runs { counts[RunClass(samples: run.samples, time: run.time), default: 0] += 1 }
    let classes = counts.sorted {
      ($0.key.samples, $0.key.time.rawValue) < ($1.key.samples, $1.key.time.rawValue)
    }.map { (run: $0.key, count: $0.value) }
    let weights =
      Self.products(before, classes, curves, prior, grid)
      ?? Self.logarithms(before, classes, curves, prior, grid)
    let block = Self.slowings.count * prior.scales.count * prior.lapses.count
    let masses = Self.growths.indices.map { g in
      (0..<block).reduce(0.0) { $0 + weights[g * block + $1].reduce(Lanes(), +).sum() }
    }
    let total = masses.reduce(0, +)
    self.masses = masses.map { $0 / total }
  }

  private struct RunClass: Hashable {
    let samples: Int
    let time: Time
  }

  /// The weights after all runs as products of probabilities; nil where curves may have been lost that matter.
  private static func products(
    _ before: [[Lanes]], _ classes: [(run: RunClass, count: Int)], _ curves: CurveTable,
    _ prior: FitCurvePrior,
    _ grid: CurveGrid
  ) -> [[Lanes]]? {
    var weights = before
    var product = 0.0
    for (run, count) in classes {
      for _ in 0..<count {
        let peak = multiply(&weights, run, curves, prior, grid)
        guard product + log(peak) > FitCurvePosterior.leastProduct else { return nil }
        guard peak < 1e-60 else { continue }
        product += log(peak)
        for index in weights.indices {
          for i in weights[index].indices { weights[index][i] /= peak }
        }
      }
    }
    return weights
  }

  /// The same beside the largest by the sum of logarithms, of which none is lost.
  private static func logarithms(
    _ before: [[Lanes]], _ classes: [(run: RunClass, count: Int)], _ curves: CurveTable,
    _ prior: FitCurvePrior,
    _ grid: CurveGrid
  ) -> [[Lanes]] {
    let ones = before.map { [Lanes](repeating: Lanes(repeating: 1), count: $0.count) }
    var sums = before.map { $0.map { $0.mapped(log) } }
    for (run, count) in classes {
      var factors = ones
      multiply(&factors, run, curves, prior, grid)
      for index in sums.indices {
        for i in sums[index].indices {
          // What a double can't tell from 0 is as good as impossible, but not more so than that.
          sums[index][i] += Double(count) * factors[index][i].mapped { log(max($0, 1e-300)) }
        }
      }
    }
    let largest = sums.joined().map { $0.max() }.max() ?? 0
    return sums.map { $0.map { $0.mapped { exp($0 - largest) } } }
  }

  /// Returns the largest weight.
  @discardableResult
  private static func multiply(
    _ weights: inout [[Lanes]], _ run: RunClass, _ curves: CurveTable, _ prior: FitCurvePrior,
    _ grid: CurveGrid
  ) -> Double {
    let x = log(Double(run.samples))
    let zero = [Lanes](repeating: Lanes(), count: grid.rows)
    var (whole, half, quarter) = (zero, zero, zero)
    var largest = Lanes()
    for (g, growth) in growths.enumerated() {
      let step = log(1 + growth)
      for j in prior.scales.indices {
        curves.fill(&whole, scale: j, at: x)
        curves.fill(&half, scale: j, at: x + step)
        for (d, slowing) in slowings.enumerated() {
          curves.fill(&quarter, scale: j, at: x + 2 * step + slowing.step)
          for (k, lapse) in prior.lapses.enumerated() {
            let height = Lanes(repeating: 1 - lapse)
            let index = ((g * slowings.count + d) * prior.scales.count + j) * prior.lapses.count + k
            var row = weights[index]
            weights[index] = []
            switch run.time {
            case .byQuarter: for i in row.indices { row[i] *= height * quarter[i] }
            case .byHalf: for i in row.indices { row[i] *= height * (half[i] - quarter[i]) + late }
            case .byWhole: for i in row.indices { row[i] *= height * (whole[i] - half[i]) + late }
            case .notByQuarter: for i in row.indices { row[i] *= 1 - height * quarter[i] }
            case .notByHalf: for i in row.indices { row[i] *= 1 - height * half[i] }
            case .notByWhole: for i in row.indices { row[i] *= 1 - height * whole[i] }
            }
            for i in row.indices { largest.replace(with: row[i], where: row[i] .> largest) }
            weights[index] = row
          }
        }
      }
    }
    return largest.max()
  }

  /// A run that fits late without any growth of the curve isn't impossible, only rare.
  private static let late = Lanes(repeating: 1e-4)

  /// The growth below which lies this part of the mass.
  package func quantile(_ part: Double) -> Double {
    var before = 0.0
    for (index, mass) in masses.enumerated() {
      if before + mass >= part, mass > 0 {
        // 0 is a value, not an interval.
        if index == 0 { return 0 }
        let (low, high) = Self.bounds(index)
        return low + (high - low) * (part - before) / mass
      }
      before += mass
    }
    return Self.growths[Self.growths.count - 1]
  }
}

extension FitCurvePosterior {
  /// The scales that the runs leave possible, as finely as few values go: with many runs they lie near one another, and values a
  /// factor of two apart would miss them. (Of 40 simulated searches of 600 probes with 5.5 % a doubling 11 called themselves settled
  /// at 5 % where s lay between two values that were, one where it lay on one.)
  fileprivate var priorForGrowth: FitCurvePrior {
    guard prior.scales.count > 1 else { return prior }
    let masses = prior.scales.indices.map { j in
      prior.lapses.indices.reduce(0.0) { $0 + mass(scale: j, lapse: $1) }
    }
    let kept = masses.indices.filter { masses[$0] > Self.leastScale }
    let ratio = (prior.scales[1] / prior.scales[0]).squareRoot()
    let (first, last) = (kept.first ?? 0, kept.last ?? masses.count - 1)
    return prior.between(prior.scales[first] / ratio, prior.scales[last] * ratio, count: 8)
  }

  /// The share of the mass below which a scale is left out.
  private static var leastScale: Double { 1e-3 }
}
