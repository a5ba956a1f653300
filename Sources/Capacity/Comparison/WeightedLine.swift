import Foundation

/// y = intercept + slope · x by least squares with weights.
package struct WeightedLine {
  package let slope: Double
  package let intercept: Double

  /// The line of the smallest Σ weight · residual².
  package init(x: [Double], y: [Double], weights: [Double]) {
    let total = weights.reduce(0, +)
    func mean(_ values: [Double]) -> Double { zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 } / total }
    let (center, level) = (mean(x), mean(y))
    var (xx, xy) = (0.0, 0.0)
    for i in x.indices {
      xx += weights[i] * (x[i] - center) * (x[i] - center)
      xy += weights[i] * (x[i] - center) * (y[i] - level)
    }
    slope = xy / xx
    intercept = level - slope * center
  }
}

/// The quadratic term of y over x by least squares with weights that are inverse variances.
package struct WeightedCurvature {
  /// The coefficient of x².
  package let value: Double
  /// Its standard error: as the variances say, larger where the points scatter more than these do.
  package let standardError: Double

  /// Nil with fewer than three values of x.
  package init?(x: [Double], y: [Double], weights: [Double]) {
    guard Set(x).count >= 3 else { return nil }
    // The part of x² that no line explains: its own regression gives the coefficient.
    let square = Self.residuals(x, x.map { $0 * $0 }, weights)
    let rest = Self.residuals(x, y, weights)
    let spread = zip(weights, square).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
    let value = zip(weights, zip(square, rest)).reduce(0) { $0 + $1.0 * $1.1.0 * $1.1.1 } / spread
    let misfit = zip(weights, zip(square, rest)).reduce(0) { sum, entry in
      let residual = entry.1.1 - value * entry.1.0
      return sum + entry.0 * residual * residual
    }
    let freedom = Double(x.count - 3)
    self.value = value
    standardError = (max(1, freedom > 0 ? misfit / freedom : 1) / spread).squareRoot()
  }

  /// The two-sided p-value of no curvature.
  package var pValue: Double { erfc(abs(value) / standardError / 2.0.squareRoot()) }

  private static func residuals(_ x: [Double], _ y: [Double], _ weights: [Double]) -> [Double] {
    let line = WeightedLine(x: x, y: y, weights: weights)
    return zip(x, y).map { $1 - line.intercept - line.slope * $0 }
  }
}
