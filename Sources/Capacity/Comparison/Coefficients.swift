import Foundation

/// Coefficients of correlation with intervals by Fisher's transformation: artanh r is nearly normal.
package enum Coefficients {
  /// Variance 1 / (n − 3).
  package static func pearson(_ x: [Double], _ y: [Double], level: Double) -> Correlation.Coefficient {
    coefficient(product(x, y), variance: { _ in 1 }, lost: 3, step: 0, x.count, level)
  }

  /// Pearson's of the ranks, ties having their mean; variance (1 + ρ²/2) / (n − 3) (Bonett and Wright, "Sample size
  /// requirements for estimating Pearson, Kendall and Spearman correlations", 2000).
  package static func spearman(_ x: [Double], _ y: [Double], level: Double) -> Correlation.Coefficient {
    let count = Double(x.count)
    return coefficient(
      product(ranks(x), ranks(y)), variance: { 1 + $0 * $0 / 2 }, lost: 3,
      step: 12 / (count * (count * count - 1)), x.count, level)
  }

  /// τ_b; variance 0.437 / (n − 4) (Fieller, Hartley and Pearson, "Tests for rank correlation coefficients", 1957).
  package static func kendall(_ x: [Double], _ y: [Double], level: Double) -> Correlation.Coefficient {
    var (sum, xPairs, yPairs) = (0.0, 0.0, 0.0)
    for i in x.indices {
      for j in 0..<i {
        let (a, b) = (sign(x[i] - x[j]), sign(y[i] - y[j]))
        sum += a * b
        xPairs += abs(a)
        yPairs += abs(b)
      }
    }
    let count = Double(x.count)
    return coefficient(
      sum / (xPairs * yPairs).squareRoot(), variance: { _ in 0.437 }, lost: 4,
      step: 4 / (count * (count - 1)),
      x.count, level)
  }

  /// - Parameter step: between 1 and the next value that ranks can have: of a perfect order, whose transform is infinite, the
  ///   interval is that of half a step less, a correction for continuity.
  private static func coefficient(
    _ value: Double, variance: (Double) -> Double, lost: Int, step: Double, _ count: Int, _ level: Double
  ) -> Correlation.Coefficient {
    // Rounding may take a perfect correlation beyond 1.
    let value = max(-1, min(1, value))
    guard count > lost else { return Correlation.Coefficient(value: value, lower: nil, upper: nil) }
    let inner = max(step / 2 - 1, min(1 - step / 2, value))
    guard abs(inner) < 1 else { return Correlation.Coefficient(value: value, lower: value, upper: value) }
    let reach = Normal.quantile((1 + level) / 2) * (variance(value) / Double(count - lost)).squareRoot()
    let (lower, upper) = (tanh(atanh(inner) - reach), tanh(atanh(inner) + reach))
    // One that is nearer to 1 than half a step, as a perfect order but for ties is, lies in its own interval.
    return Correlation.Coefficient(value: value, lower: min(lower, value), upper: max(upper, value))
  }

  private static func product(_ x: [Double], _ y: [Double]) -> Double {
    let count = Double(x.count)
    let (a, b) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for i in x.indices {
      xx += (x[i] - a) * (x[i] - a)
      xy += (x[i] - a) * (y[i] - b)
      yy += (y[i] - b) * (y[i] - b)
    }
    return xy / (xx * yy).squareRoot()
  }

  static func ranks(_ values: [Double]) -> [Double] {
    values.map { value in
      let (below, equal) = values.reduce(into: (0, 0)) { counts, other in
        if other < value { counts.0 += 1 } else if other == value { counts.1 += 1 }
      }
      return Double(below) + Double(equal + 1) / 2
    }
  }

  private static func sign(_ value: Double) -> Double { value > 0 ? 1 : value < 0 ? -1 : 0 }
}

/// The standard normal distribution.
package enum Normal {
  /// Φ⁻¹(part), for 0 < part < 1.
  package static func quantile(_ part: Double) -> Double {
    var (low, high) = (-40.0, 40.0)
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if erfc(-middle / 2.0.squareRoot()) / 2 < part { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
