import Capacity
import Foundation
import Testing

/// Against SciPy 1.17.1.
@Suite struct CoefficientTests {
  private let x = [5.1, 6.3, 6.9, 7.4, 8.8, 8.8, 9.5, 10.2]
  private let y = [0.41, 0.38, 0.52, 0.61, 0.55, 0.72, 0.70, 0.83]

  private func expect(
    _ found: Correlation.Coefficient, _ value: Double, _ lower: Double, _ upper: Double,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(abs(found.value - value) < 1e-12, sourceLocation: location)
    #expect(abs((found.lower ?? .nan) - lower) < 1e-7, sourceLocation: location)
    #expect(abs((found.upper ?? .nan) - upper) < 1e-7, sourceLocation: location)
  }

  /// pearsonr with its confidence_interval(0.9), spearmanr, kendalltau; x has a tie.
  @Test func coefficientsAreThoseOfSciPy() {
    expect(
      Coefficients.pearson(x, y, level: 0.9), 0.9020322378990931, 0.6336066146210868, 0.9766195123737488)
    expect(Coefficients.spearman(x, y, level: 0.9), 0.8982196964349441, 0.53097127, 0.98140588)
    expect(Coefficients.kendall(x, y, level: 0.9), 0.7637626158259734, 0.43131449, 0.9135967)
  }

  @Test func fewPointsHaveNoInterval() {
    let three = Coefficients.pearson([1, 2, 3], [1, 3, 2], level: 0.9)
    #expect(abs(three.value - 0.5) < 1e-12)
    #expect(three.lower == nil && three.upper == nil)
    #expect(Coefficients.kendall([1, 2, 3, 4], [1, 3, 2, 4], level: 0.9).lower == nil)
    // A perfect order is 1 whatever rounding makes of it.
    #expect(Coefficients.spearman([1, 2, 3, 4, 5], [2, 3, 5, 7, 11], level: 0.9).value == 1)
  }

  /// Five points in order, which chance alone puts there once in 120 times, don't make a rank correlation sure.
  @Test func aPerfectOrderOfFewPointsIsNotSure() throws {
    let five = Coefficients.spearman([1, 2, 3, 4, 5], [2, 3, 5, 7, 11], level: 0.9)
    let lower = try #require(five.lower)
    #expect(five.value == 1 && five.upper == 1 && lower > 0 && lower < 0.9, "\(lower)")
    let falling = Coefficients.kendall([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], level: 0.9)
    let upper = try #require(falling.upper)
    #expect(falling.value == -1 && falling.lower == -1 && upper > -0.98 && upper < 0, "\(upper)")
    // Of more points it is surer.
    let many = (1...30).map(Double.init)
    #expect(try #require(Coefficients.spearman(many, many, level: 0.9).lower) > lower)
  }

  /// norm.ppf
  @Test func normalQuantiles() {
    #expect(abs(Normal.quantile(0.95) - 1.6448536269514722) < 1e-12)
    #expect(abs(Normal.quantile(0.001) + 3.090232306167813) < 1e-12)
  }

  /// numpy.polyfit with w = 1 / σ and the unscaled covariance.
  @Test func weightedFitsAreThoseOfNumPy() throws {
    let x = [8.0, 16, 32, 64, 128].map { log($0) }
    let y = [6.0, 6.65, 7.4, 7.95, 8.5]
    let weights = [0.05, 0.04, 0.06, 0.05, 0.08].map { 1 / ($0 * $0) }
    let line = WeightedLine(x: x, y: y, weights: weights)
    #expect(abs(line.slope - 0.92486447) < 1e-8)
    #expect(abs(line.intercept - 4.09777754) < 1e-8)
    let curvature = try #require(WeightedCurvature(x: x, y: y, weights: weights))
    #expect(abs(curvature.value - -0.04846446687299259) < 1e-10)
    #expect(abs(curvature.standardError - 0.03310392142137906) < 1e-10)
    #expect(abs(curvature.pValue - 0.1431912583785967) < 1e-8)
    #expect(WeightedCurvature(x: [1, 1, 2], y: [1, 2, 3], weights: [1, 1, 1]) == nil)
  }

  /// R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"); what couldn't be tested doesn't count.
  @Test func holmsAdjustment() {
    let adjusted = Holm.adjusted([0.01, 0.04, nil, 0.03, 0.005])
    let expected: [Double?] = [0.03, 0.06, nil, 0.06, 0.02]
    for (found, value) in zip(adjusted, expected) {
      #expect((found == nil) == (value == nil))
      if let found, let value { #expect(abs(found - value) < 1e-12) }
    }
    #expect(Holm.adjusted([0.9, 0.8]) == [1, 1])
  }

  /// A perfect order but for a tie lies nearer to 1 than half a step of an order without ties.
  @Test func coefficientsLieInTheirIntervals() {
    for count in [5, 20, 40, 100] {
      let x = (0..<count).map(Double.init)
      var y = x
      y[1] = y[0]
      for y in [y, y.map { -$0 }] {
        for found in [
          Coefficients.pearson(x, y, level: 0.9), Coefficients.spearman(x, y, level: 0.9),
          Coefficients.kendall(x, y, level: 0.9),
        ] {
          #expect(found.lower! <= found.value && found.value <= found.upper!, "\(count): \(found)")
        }
      }
    }
  }
}
