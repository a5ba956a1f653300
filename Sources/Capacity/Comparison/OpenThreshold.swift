import Foundation

/// The likelihood of a threshold θ that may lie beyond the sizes that were asked for: there it doesn't fall again, however far
/// one goes, since no run tells of it. The grid ends a factor of 4 beyond them, which is the prior's word and not the data's.
struct OpenLikelihood {
  private let masses: ThresholdMasses
  private let values: [Double]
  private let isOpenBelow: Bool
  private let isOpenAbove: Bool

  init(_ threshold: MeasuredThreshold) {
    masses = threshold.distribution.masses
    let range = threshold.posterior.range
    let (first, width) = (masses.first, masses.width)
    var values = masses.masses
    let places = values.indices.map { first + Double($0) * width }
    let beyond = places.firstIndex { $0 > range.upperBound }
    let below = places.lastIndex { $0 < range.lowerBound }
    if let beyond, beyond > 0 {
      for i in beyond..<values.count { values[i] = max(values[i], values[i - 1]) }
    }
    if let below, below + 1 < values.count {
      for i in (0...below).reversed() { values[i] = max(values[i], values[i + 1]) }
    }
    self.values = values
    (isOpenAbove, isOpenBelow) = (beyond != nil, below != nil)
  }

  private var largest: Double { values.max() ?? 0 }

  private func value(at theta: Double) -> Double {
    let bin = ((theta - masses.first) / masses.width).rounded()
    if bin < 0 { return isOpenBelow ? values[0] : 0 }
    if bin >= Double(values.count) { return isOpenAbove ? values[values.count - 1] : 0 }
    return values[Int(bin)]
  }

  /// The p-value of equal thresholds, by the ratio of the profiles over their common place: where one of them is open the
  /// integral over it depends on where the grid ends.
  static func pValue(of first: OpenLikelihood, and second: OpenLikelihood) -> Double {
    let width = min(first.masses.width, second.masses.width) / 2
    let low = min(first.masses.first, second.masses.first) - width
    let high = max(first.masses.last, second.masses.last) + width
    var common = 0.0
    for i in 0...Int((high - low) / width) {
      let theta = low + Double(i) * width
      common = max(common, first.value(at: theta) * second.value(at: theta))
    }
    let best = first.largest * second.largest
    return ThresholdRatio.pValue(of: 2 * log(best / max(common, best * ThresholdRatio.smallest)))
  }
}

/// A threshold's posterior of which no more is said of what lies beyond the sizes than how likely that is.
struct OpenPosterior {
  private let inside: [(place: Double, mass: Double)]
  private let range: ClosedRange<Double>
  private let below: Double
  private let above: Double

  init(_ threshold: MeasuredThreshold) {
    let masses = threshold.distribution.masses
    let range = threshold.posterior.range
    let total = masses.masses.reduce(0, +)
    let points = masses.masses.enumerated().map {
      (place: masses.first + Double($0.offset) * masses.width, mass: $0.element / total)
    }
    self.range = range
    inside = points.filter { range.contains($0.place) }
    below = points.reduce(0) { $1.place < range.lowerBound ? $0 + $1.mass : $0 }
    above = points.reduce(0) { $1.place > range.upperBound ? $0 + $1.mass : $0 }
  }

  /// What is beyond the sizes, as low as it may be or as high.
  private func points(isLow: Bool) -> [(place: Double, mass: Double)] {
    [(isLow ? -Double.infinity : range.lowerBound, below)] + inside
      + [(isLow ? range.upperBound : Double.infinity, above)]
  }

  /// The probability that the first is the larger; nil where it is said by what lies beyond the sizes of one.
  static func chance(of first: OpenPosterior, over second: OpenPosterior) -> Double? {
    let least = chance(first.points(isLow: true), over: second.points(isLow: false))
    let most = chance(first.points(isLow: false), over: second.points(isLow: true))
    return most - least <= tolerance ? (least + most) / 2 : nil
  }

  private static let tolerance = 0.01

  /// Points ascend.
  private static func chance(
    _ first: [(place: Double, mass: Double)], over second: [(place: Double, mass: Double)]
  ) -> Double {
    var (sum, below, next) = (0.0, 0.0, 0)
    for point in first {
      while next < second.count, second[next].place < point.place {
        below += second[next].mass
        next += 1
      }
      sum += point.mass * below
    }
    return sum
  }
}
