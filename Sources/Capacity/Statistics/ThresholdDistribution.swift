import Foundation

/// The posterior of the threshold θ = ln n₅₀ = μ + s ln(1 − 2λ), where the whole curve, lapses included, is one half.
package struct ThresholdDistribution: Sendable {
  /// The mass of curves that have no threshold, 1 − λ being below one half.
  package let massWithout: Double
  /// Cumulative masses at the upper ends of bins of θ, of the curves that have a threshold.
  private let cumulative: [Double]
  private let lowest: Double
  private let width: Double

  /// The distribution that a posterior of curves gives.
  package init(_ posterior: FitCurvePosterior) {
    let prior = posterior.prior
    let grid = posterior.grid
    width = grid.spacing
    let shifts = prior.scales.map { scale in
      prior.lapses.map { $0 < 0.5 ? scale * log(1 - 2 * $0) : nil }
    }
    let deepest = shifts.joined().compactMap(\.self).min() ?? 0
    let extra = Int((-deepest / width).rounded(.up)) + 1
    lowest = grid.first - (Double(extra) + 0.5) * width
    var bins = [Double](repeating: 0, count: grid.count + extra + 1)
    var without = 0.0
    for j in prior.scales.indices {
      for k in prior.lapses.indices {
        let row = posterior.weights[j * prior.lapses.count + k]
        guard let shift = shifts[j][k] else {
          without += row.reduce(Lanes(), +).sum()
          continue
        }
        // A cell's mass is uniform over its width; moved by the shift it lies in two bins.
        let place = Double(extra) + shift / width
        let bin = Int(place.rounded(.down))
        let part = place - Double(bin)
        for i in 0..<grid.count {
          let weight = row[i / Lanes.scalarCount][i % Lanes.scalarCount]
          bins[bin + i] += (1 - part) * weight
          bins[bin + i + 1] += part * weight
        }
      }
    }
    massWithout = without
    var sum = 0.0
    cumulative = bins.map { bin in
      sum += bin
      return sum
    }
  }

  /// θ below which lies this part of the mass.
  package func quantile(_ part: Double) -> Double {
    let total = cumulative[cumulative.count - 1]
    guard total > 0 else { return .nan }
    let wanted = part * total
    var (low, high) = (0, cumulative.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    let before = low == 0 ? 0 : cumulative[low - 1]
    let mass = cumulative[low] - before
    let inside = mass > 0 ? (wanted - before) / mass : 0.5
    return lowest + (Double(low) + inside) * width
  }

  /// The mass below θ.
  package func mass(below theta: Double) -> Double {
    let total = cumulative[cumulative.count - 1]
    guard total > 0 else { return .nan }
    let place = (theta - lowest) / width
    if place <= 0 { return 0 }
    let bin = Int(place.rounded(.down))
    if bin >= cumulative.count { return 1 }
    let before = bin == 0 ? 0 : cumulative[bin - 1]
    return (before + (place - Double(bin)) * (cumulative[bin] - before)) / total
  }

  /// The masses of the bins at their middles.
  var masses: ThresholdMasses {
    var before = 0.0
    return ThresholdMasses(
      first: lowest + 0.5 * width, width: width,
      masses: cumulative.map { sum in
        defer { before = sum }
        return sum - before
      })
  }
}
