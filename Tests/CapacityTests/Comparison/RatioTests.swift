import Capacity
import Foundation
import Testing

/// A normal distribution of θ as masses.
private func normal(_ mean: Double, _ deviation: Double, width: Double) -> ThresholdMasses {
  let first = mean - 6 * deviation
  let count = Int((12 * deviation / width).rounded()) + 1
  func below(_ x: Double) -> Double { erfc((mean - x) / deviation / 2.0.squareRoot()) / 2 }
  return ThresholdMasses(
    first: first, width: width,
    masses: (0..<count).map { i in
      let middle = first + Double(i) * width
      return below(middle + width / 2) - below(middle - width / 2)
    })
}

/// Two normal thresholds have a normal difference: closed forms for everything.
@Suite struct RatioTests {
  private let ratio = ThresholdRatio(
    normal(7, 0.06, width: 0.004), over: normal(6.8, 0.08, width: 0.0053))

  @Test func quantilesAreThoseOfTheNormalDifference() {
    for part in [0.01, 0.05, 0.5, 0.9, 0.99] {
      let exact = 0.2 + 0.1 * Normal.quantile(part)
      #expect(abs(ratio.quantile(part) - exact) < 5e-4, "\(part): \(ratio.quantile(part)) for \(exact)")
    }
  }

  @Test func probabilityAndLikelihoodRatioAreThoseOfTheNormalDifference() {
    // Φ(2), and 2 (0 − −2²/2) = 4.
    #expect(abs(ratio.probabilityOfMore - 0.9772498680518208) < 1e-4)
    #expect(abs(ratio.likelihoodRatio - 4) < 0.01)
  }

  @Test func thresholdsFarApartHaveAsSmallAPValueAsTheGridsTell() {
    let far = ThresholdRatio(normal(9, 0.05, width: 0.004), over: normal(5, 0.05, width: 0.004))
    #expect(far.pValue < 1e-6 && far.pValue > 0)
    #expect(far.probabilityOfMore == 1)
    let mirrored = ThresholdRatio(normal(5, 0.05, width: 0.004), over: normal(9, 0.05, width: 0.004))
    #expect(mirrored.probabilityOfMore == 0)
    #expect(abs(mirrored.quantile(0.5) + far.quantile(0.5)) < 1e-3)
  }

  /// Resampling keeps mass, mean and spread.
  @Test func masses() {
    let coarse = normal(3, 0.2, width: 0.05)
    let fine = coarse.resampled(0.013)
    #expect(abs(fine.masses.reduce(0, +) - coarse.masses.reduce(0, +)) < 1e-12)
    #expect(abs(fine.moments.mean - coarse.moments.mean) < 1e-5)
    #expect(abs(coarse.moments.mean - 3) < 1e-6)
    // The masses of a histogram are uniform in their cells: twice Sheppard's correction, and what a cell that is cut
    // in two moves its mass by.
    #expect(abs(fine.moments.variance - 0.04 - 0.05 * 0.05 / 6) < 5e-5)
  }
}
