import Foundation

/// What runs of several sizes tell of the fit curve: the posterior of (μ, s, λ) on a grid, by the likelihood
/// Π p(n)^fits (1 − p(n))^failures. All but the threshold ln n₅₀ = μ + s ln(1 − 2λ), where the whole curve is one half,
/// is integrated out.
///
/// The grid of μ reaches a factor of 4 beyond both ends of the range of sizes. It is laid twice: coarsely over all of it,
/// then finely over what the first leaves possible. As long as most runs may have collapsed that is nearly all of it, so
/// that the points are as many as it takes: with 96 of them, 0.2 apart, two of five short bisections were read 2 % or more
/// beside what a fine grid reads.
package struct FitCurvePosterior: Sendable {
  let prior: FitCurvePrior
  /// ln of the smallest and the largest size that can be asked for.
  let range: ClosedRange<Double>
  let grid: CurveGrid
  /// weights[j · lapses + k] has the mass of (s_j, λ_k, μ_i) for every i; all sum to 1.
  let weights: [[Lanes]]

  /// How far the prior of μ goes beyond the range, in ln n.
  static let margin = log(4.0)

  /// How far apart the points of μ are at most, in ln n.
  package static let spacing = 0.04
  /// Of μ: as long as runs tell so little that its window is wide, it needn't be fine.
  private static let mostPoints = 1_024

  /// The posterior after these counts, of sizes that can be asked for.
  package init(
    _ counts: [FitCount], sizes: ClosedRange<Int>, prior: FitCurvePrior = .standard,
    spacing: Double = Self.spacing
  ) {
    range = log(Double(sizes.lowerBound))...log(Double(sizes.upperBound))
    let whole = (range.lowerBound - Self.margin)...(range.upperBound + Self.margin)
    let window = Self.window(counts, prior.coarse, CurveGrid(over: whole, count: 96), within: whole)
    self.prior = prior
    let width = window.upperBound - window.lowerBound
    grid = CurveGrid(over: window, count: 96, spacing: max(spacing, width / Double(Self.mostPoints)))
    weights = Self.lay(counts, prior, on: grid)
  }

  /// The mass of each point of μ.
  static func marginal(_ weights: [[Lanes]]) -> [Double] {
    let sum = weights.dropFirst().reduce(into: weights[0]) { sum, row in
      for i in row.indices { sum[i] += row[i] }
    }
    return sum.flatMap { lanes in (0..<Lanes.scalarCount).map { lanes[$0] } }
  }

  private static func lay(_ counts: [FitCount], _ prior: FitCurvePrior, on grid: CurveGrid) -> [[Lanes]] {
    var weights =
      products(counts, prior, on: grid)
      ?? LogLikelihood(counts, prior, on: grid).weights
    scale(&weights, by: 1 / weights.reduce(0) { $0 + $1.reduce(Lanes(), +).sum() })
    return weights
  }

  /// ln of the smallest product of all counts, for the most likely curve, in which no curve that matters has been lost on the way: what a
  /// double can't hold beside the most likely curve of some counts stays below a millionth of it after the others.
  static let leastProduct = -400.0

  /// The weights as products of probabilities; nil where these are so small that curves may have been lost which later counts make
  /// the likeliest.
  private static func products(
    _ counts: [FitCount], _ prior: FitCurvePrior, on grid: CurveGrid
  ) -> [[Lanes]]? {
    var weights = prior.scaleWeights.flatMap { scaleWeight in
      prior.lapseWeights.map { [Lanes](repeating: Lanes(repeating: scaleWeight * $0), count: grid.rows) }
    }
    let curves = CurveTable(grid, scales: prior.scales)
    var product = 0.0
    for count in counts {
      var (fits, failures) = (count.fits, count.failures)
      // In portions whose likelihood a double can hold.
      while fits + failures > 0 {
        let portion = (fits: min(fits, 32), failures: min(failures, 32))
        let peak = multiply(
          &weights, curves, prior, log(Double(count.samples)), portion.fits, portion.failures)
        guard product + log(peak) > leastProduct else { return nil }
        if peak < 1e-100 {
          scale(&weights, by: 1 / peak)
          product += log(peak)
        }
        fits -= portion.fits
        failures -= portion.failures
      }
    }
    return weights
  }

  /// Returns the largest weight.
  private static func multiply(
    _ weights: inout [[Lanes]], _ curves: CurveTable, _ prior: FitCurvePrior, _ x: Double, _ fits: Int,
    _ failures: Int
  ) -> Double {
    let lapses = prior.lapses.count
    var rising = [Lanes](repeating: Lanes(), count: weights[0].count)
    var largest = Lanes()
    for j in prior.scales.indices {
      curves.fill(&rising, scale: j, at: x)
      for (k, lapse) in prior.lapses.enumerated() {
        let height = Lanes(repeating: 1 - lapse)
        var row = weights[j * lapses + k]
        weights[j * lapses + k] = []
        // Most sizes have a single run.
        switch (fits, failures) {
        case (1, 0): for i in row.indices { row[i] *= height * rising[i] }
        case (0, 1): for i in row.indices { row[i] *= 1 - height * rising[i] }
        default:
          for i in row.indices {
            let p = height * rising[i]
            row[i] *= power(p, fits) * power(1 - p, failures)
          }
        }
        for i in row.indices { largest.replace(with: row[i], where: row[i] .> largest) }
        weights[j * lapses + k] = row
      }
    }
    return largest.max()
  }

  /// xⁿ
  @inline(__always)
  private static func power(_ x: Lanes, _ n: Int) -> Lanes {
    var (result, square, rest) = (Lanes(repeating: 1), x, n)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }

  private static func scale(_ weights: inout [[Lanes]], by factor: Double) {
    for row in weights.indices {
      for i in weights[row].indices { weights[row][i] *= factor }
    }
  }

  /// Where μ has all but a millionth of its mass, and a coarse cell more on both sides.
  private static func window(
    _ counts: [FitCount], _ prior: FitCurvePrior, _ grid: CurveGrid, within whole: ClosedRange<Double>
  ) -> ClosedRange<Double> {
    let marginal = marginal(lay(counts, prior, on: grid))
    var (low, high) = (0, grid.count - 1)
    while low < high, marginal[low] < 1e-7 { low += 1 }
    while high > low, marginal[high] < 1e-7 { high -= 1 }
    return max(
      whole.lowerBound, grid.first + (Double(low) - 1.5) * grid.spacing)...min(
        whole.upperBound, grid.first + (Double(high) + 1.5) * grid.spacing)
  }
}
