import Compute
import Foundation

/// A fit probability that is known: p(n; b) = (1 − λ) f((ln n − μ(b)) / s), whose threshold n₅₀, lapses included, is given
/// for a guard and grows by 1 + `growth` for every doubling of it.
package struct SimulatedCurve: Sendable, Hashable {
  /// f, with f(0) = 1/2 and slope −1/4 there.
  package enum Shape: String, Sendable, Hashable, CaseIterable {
    /// 1 / (1 + eᶻ)
    case logistic
    /// Φ(−z √(2π) / 4)
    case probit
    /// exp(−exp(y)): skewed to the left, early failures are common.
    case gumbelLeft = "gumbel_left"
    /// 1 − exp(−exp(−y)): skewed to the right, late fits are.
    case gumbelRight = "gumbel_right"
    /// 1 up to the threshold, 0 beyond.
    case step

    /// f(z)
    package func value(_ z: Double) -> Double {
      // Slope −1/4: y = z / (2 ln 2), moved so that f(0) = 1/2.
      let y = z / (2 * log(2))
      return switch self {
      case .logistic: 1 / (1 + exp(z))
      case .probit: erfc(z * (Double.pi).squareRoot() / 4) / 2
      case .gumbelLeft: exp(-exp(y + log(log(2))))
      case .gumbelRight: 1 - exp(-exp(-y + log(log(2))))
      case .step: z <= 0 ? 1 : 0
      }
    }

    /// The largest z with f(z) ≥ v, for 0 < v < 1.
    package func inverse(_ v: Double) -> Double {
      switch self {
      case .logistic: return log((1 - v) / v)
      case .gumbelLeft: return 2 * log(2) * (log(-log(v)) - log(log(2)))
      case .gumbelRight: return -2 * log(2) * (log(-log(1 - v)) - log(log(2)))
      case .step: return 0
      case .probit:
        var (low, high) = (-40.0, 40.0)
        for _ in 0..<60 {
          let middle = (low + high) / 2
          if value(middle) >= v { low = middle } else { high = middle }
        }
        return low
      }
    }
  }

  /// f
  package var shape: Shape
  /// n₅₀ at the guard.
  package var threshold: Double
  /// s
  package var scale: Double
  /// λ, below one half.
  package var lapse: Double
  /// The growth of n₅₀ for a doubling of the guard.
  package var growth: Double

  /// A curve.
  package init(shape: Shape, threshold: Double, scale: Double, lapse: Double = 0, growth: Double = 0) {
    self.shape = shape
    self.threshold = threshold
    self.scale = scale
    self.lapse = lapse
    self.growth = growth
  }

  /// ln n₅₀ − s f⁻¹(1 / (2 (1 − λ))): where f itself is one half.
  private var middle: Double {
    log(threshold) - (lapse == 0 || shape == .step ? 0 : scale * shape.inverse(1 / (2 * (1 - lapse))))
  }

  /// The steps after which a run of `samples` samples that has drawn `u` fits: the first budget b with p(n; b) ≥ u. Nil
  /// where there is none.
  package func fitSteps(samples: Int, u: Double, guardSteps: Int) -> Double? {
    let v = u / (1 - lapse)
    guard v < 1 else { return nil }
    let distance =
      log(Double(samples)) - middle - (shape == .step ? 1e-12 : scale * shape.inverse(max(v, 1e-300)))
    guard growth > 0 else { return distance <= 0 ? 1 : nil }
    return max(1, Double(guardSteps) * exp2(distance / log(1 + growth)))
  }
}
