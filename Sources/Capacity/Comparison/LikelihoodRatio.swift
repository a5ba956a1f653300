import Foundation

/// The test of equal thresholds by the likelihoods of two cells' probes, s and λ integrated out of each:
/// 2 (max L + max L′ − max over θ of L(θ) + L′(θ)), L being the logarithm.
struct LikelihoodRatio {
  /// 0 where one threshold is the best for both.
  let statistic: Double

  /// - Note: The prior of θ is uniform but at its ends, so that a distribution is its likelihood.
  init(_ first: ThresholdMasses, _ second: ThresholdMasses) {
    // At a tenth of the finer spacing: the maximum of a sum lies between points.
    let step = min(first.width, second.width) / 4
    let (low, high) = (min(first.first, second.first), max(first.last, second.last))
    var best = -Double.infinity
    for i in 0...Int((high - low) / step) {
      let theta = low + Double(i) * step
      best = max(best, first.logDensity(theta) + second.logDensity(theta))
    }
    statistic = max(0, 2 * (first.largestLogDensity + second.largestLogDensity - best))
  }

  /// P(χ²₁ ≥ x)
  var pValue: Double { erfc((statistic / 2).squareRoot()) }
}

extension ThresholdMasses {
  /// Below it a grid doesn't tell one density from another.
  private static let floor = 1e-9

  /// ln of the density, linear between points; the smallest that the grid can hold beyond them.
  func logDensity(_ theta: Double) -> Double {
    let place = (theta - first) / width
    let smallest = log(Self.floor / width)
    guard place >= 0, place <= Double(masses.count - 1) else { return smallest }
    let bin = min(Int(place), masses.count - 2)
    let part = place - Double(bin)
    return (1 - part) * logDensity(at: bin) + part * logDensity(at: bin + 1)
  }

  private func logDensity(at bin: Int) -> Double { log(max(masses[bin], Self.floor) / width) }

  var largestLogDensity: Double { log((masses.max() ?? 1) / width) }
}
