import Foundation

/// Student's t with so many degrees of freedom: of a mean over a standard error that was estimated from few values.
package struct StudentDistribution: Sendable {
  private let degrees: Double

  /// A distribution with `degrees` ≥ 1.
  package init(degrees: Int) {
    precondition(degrees >= 1, "a deviation needs two values")
    self.degrees = Double(degrees)
  }

  /// P(T ≤ t) = 1 − I(ν / (ν + t²); ν/2, 1/2) / 2 for t ≥ 0 (Abramowitz and Stegun 26.7.1).
  package func mass(below t: Double) -> Double {
    let tail = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
    return t >= 0 ? 1 - tail : tail
  }

  /// The t below which a part of the mass lies, by bisection to the last digits.
  package func quantile(_ part: Double) -> Double {
    precondition(part > 0 && part < 1, "a quantile's part lies between 0 and 1")
    if part < 0.5 { return -quantile(1 - part) }
    var (low, high) = (0.0, 1.0)
    while mass(below: high) < part { (low, high) = (high, 2 * high) }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if middle == low || middle == high { break }
      if mass(below: middle) < part { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

/// The x with I(x; a, b) = `part`, by bisection.
func betaQuantile(_ part: Double, _ a: Double, _ b: Double) -> Double {
  var (low, high) = (0.0, 1.0)
  for _ in 0..<60 {
    let middle = (low + high) / 2
    if incompleteBeta(middle, a, b) < part { low = middle } else { high = middle }
  }
  return (low + high) / 2
}

/// I(x; a, b), the regularised incomplete beta function, by its continued fraction (Lentz's method; Press et al.,
/// "Numerical Recipes", section 6.4).
func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  guard x > 0 else { return 0 }
  guard x < 1 else { return 1 }
  // The fraction converges fast on one side of the mean; the other side is its complement.
  if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
  let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
  let tiny = 1e-300
  func bounded(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
  var c = 1.0
  var d = 1 / bounded(1 - (a + b) * x / (a + 1))
  var fraction = d
  for m in 1...500 {
    let m = Double(m)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / bounded(1 + even * d)
    c = bounded(1 + even / c)
    fraction *= d * c
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / bounded(1 + odd * d)
    c = bounded(1 + odd / c)
    let change = d * c
    fraction *= change
    if abs(change - 1) < 1e-15 { break }
  }
  return front * fraction
}
