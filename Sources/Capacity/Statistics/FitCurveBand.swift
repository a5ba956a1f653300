import Foundation

/// The fit probability over the size: the posterior median of p(n) with the band that has a level of its mass at each n.
package struct FitCurveBand: Sendable {
  /// Sizes, ascending, with p(n) there.
  package let points: [Point]

  /// One size.
  package struct Point: Sendable {
    /// The size.
    package let samples: Int
    /// The middle of p(n) and the ends of its band.
    package let median: Double
    package let lower: Double
    package let upper: Double
  }

  /// The band around the threshold, between sizes at which runs surely fit and surely don't.
  init(_ posterior: FitCurvePosterior, level: Double) {
    let threshold = ThresholdDistribution(posterior)
    let reach = 4 * posterior.expectedScale
    let range = posterior.range
    let low = max(range.lowerBound, min(range.upperBound, threshold.quantile(0.01)) - reach)
    let high = min(range.upperBound, max(range.lowerBound, threshold.quantile(0.99)) + reach)
    var sizes: [Int] = []
    for i in 0..<Self.count {
      let size = Int(exp(low + (high - low) * Double(i) / Double(Self.count - 1)).rounded())
      if size != sizes.last { sizes.append(size) }
    }
    let curves = CurveTable(posterior.grid, scales: posterior.prior.scales)
    points = sizes.map { Self.point($0, posterior, curves, level) }
  }

  private static let count = 41
  private static let bins = 200

  private static func point(
    _ samples: Int, _ posterior: FitCurvePosterior, _ curves: CurveTable, _ level: Double
  ) -> Point {
    var masses = [Double](repeating: 0, count: bins)
    var rising = [Lanes](repeating: Lanes(), count: posterior.grid.rows)
    for j in posterior.prior.scales.indices {
      curves.fill(&rising, scale: j, at: log(Double(samples)))
      for (k, lapse) in posterior.prior.lapses.enumerated() {
        let row = posterior.weights[j * posterior.prior.lapses.count + k]
        for i in row.indices {
          for lane in 0..<Lanes.scalarCount {
            let p = (1 - lapse) * rising[i][lane]
            masses[min(bins - 1, Int(p * Double(bins)))] += row[i][lane]
          }
        }
      }
    }
    func quantile(_ part: Double) -> Double {
      var before = 0.0
      for (bin, mass) in masses.enumerated() {
        if before + mass >= part, mass > 0 { return (Double(bin) + (part - before) / mass) / Double(bins) }
        before += mass
      }
      return 1
    }
    return Point(
      samples: samples, median: quantile(0.5), lower: quantile((1 - level) / 2),
      upper: quantile((1 + level) / 2))
  }

  var json: JSONValue {
    .object([
      "samples": .array(points.map { .integer($0.samples) }),
      "median": .array(points.map { .number($0.median) }),
      "lower": .array(points.map { .number($0.lower) }),
      "upper": .array(points.map { .number($0.upper) }),
    ])
  }
}
