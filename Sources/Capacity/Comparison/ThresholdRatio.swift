import Foundation

/// The posterior of δ = ln(n₅₀ / n₅₀′) of two cells, whose probes are independent: the convolution of one threshold's
/// distribution with the other's mirrored. The prior of a threshold being uniform, it is the likelihood of δ too, with
/// the curves' scales and lapses and the common place of both thresholds integrated out.
package struct ThresholdRatio {
  /// The mass of each bin, and of all up to its upper end.
  private let masses: [Double]
  private let cumulative: [Double]
  /// The middle of the first bin.
  private let lowest: Double
  private let width: Double

  /// The ratio of two independent thresholds.
  package init(_ first: ThresholdMasses, over second: ThresholdMasses) {
    let width = max(
      max(first.width, second.width) / 2, max(first.span, second.span) / Double(Self.mostBins))
    let (a, b) = (first.resampled(width), second.resampled(width))
    lowest = a.first - b.last
    self.width = width
    var masses = [Double](repeating: 0, count: a.masses.count + b.masses.count - 1)
    let mirrored = Array(b.masses.reversed())
    for (i, mass) in a.masses.enumerated() where mass > 0 {
      for j in mirrored.indices { masses[i + j] += mass * mirrored[j] }
    }
    let total = masses.reduce(0, +)
    self.masses = masses.map { $0 / total }
    var sum = 0.0
    cumulative = self.masses.map { mass in
      sum += mass
      return sum
    }
  }

  /// Of one threshold: a wide distribution needn't be read as finely as a narrow one.
  private static let mostBins = 1_024

  /// The difference below which lies this part of the mass. A bin's mass is uniform around its middle.
  package func quantile(_ part: Double) -> Double {
    let bin = cumulative.firstIndex { $0 >= part } ?? cumulative.count - 1
    let before = bin == 0 ? 0 : cumulative[bin - 1]
    let inside = masses[bin] > 0 ? (part - before) / masses[bin] : 0.5
    return lowest + (Double(bin) - 0.5 + inside) * width
  }

  /// The probability that the first is the larger.
  package var probabilityOfMore: Double {
    let place = -lowest / width + 0.5
    guard place > 0 else { return 1 }
    guard place < Double(cumulative.count) else { return 0 }
    let bin = Int(place)
    let before = bin == 0 ? 0 : cumulative[bin - 1]
    return max(0, 1 - before - (place - Double(bin)) * masses[bin])
  }

  /// 2 ln(L(best δ) / L(0))
  package var likelihoodRatio: Double {
    let peak = masses.max() ?? 1
    let place = -lowest / width
    // Beyond what the grids hold the likelihood is as small as they can tell.
    var none = peak * Self.smallest
    if place >= 0, place < Double(masses.count - 1) {
      let bin = Int(place)
      let part = place - Double(bin)
      none = max(none, (1 - part) * masses[bin] + part * masses[bin + 1])
    }
    return 2 * log(peak / none)
  }

  static let smallest = 1e-12

  /// The p-value of equal thresholds: P(χ²₁ ≥ max(Λ / 1.3, Λ − 1.25)), Λ being the likelihood ratio.
  package var pValue: Double { Self.pValue(of: likelihoodRatio) }

  static func pValue(of likelihoodRatio: Double) -> Double {
    erfc((calibrated(likelihoodRatio) / 2).squareRoot())
  }

  /// The likelihood ratio as χ²₁ has it. Searches stop where their intervals happen to be narrow, which makes the ratios
  /// of equal thresholds larger than χ²₁, in its middle by a factor and in its tail by a constant. Both are the largest
  /// that simulated studies show, near s = 0.15; elsewhere the p-values are larger than they need be.
  static func calibrated(_ ratio: Double) -> Double { max(ratio / 1.3, ratio - 1.25) }
}

/// A distribution of θ as masses at equally spaced points.
package struct ThresholdMasses {
  /// θ of the first mass.
  package let first: Double
  package let width: Double
  package let masses: [Double]

  /// Masses at `first`, `first` + `width`, …
  package init(first: Double, width: Double, masses: [Double]) {
    (self.first, self.width, self.masses) = (first, width, masses)
  }

  var span: Double { Double(masses.count - 1) * width }
  var last: Double { first + span }

  /// The same with what lies beyond a range at its ends.
  func within(_ range: ClosedRange<Double>) -> ThresholdMasses {
    let places = masses.indices.map { first + Double($0) * width }
    guard let low = places.firstIndex(where: { $0 >= range.lowerBound }),
      let high = places.lastIndex(where: { $0 <= range.upperBound }), low <= high
    else {
      let end = places[0] > range.upperBound ? range.upperBound : range.lowerBound
      return ThresholdMasses(first: end, width: width, masses: [masses.reduce(0, +)])
    }
    var inside = Array(masses[low...high])
    inside[0] += masses[..<low].reduce(0, +)
    inside[inside.count - 1] += masses[(high + 1)...].reduce(0, +)
    return ThresholdMasses(first: places[low], width: width, masses: inside)
  }

  /// The same with a smaller spacing: the mass of each cell is spread evenly over it.
  package func resampled(_ spacing: Double) -> ThresholdMasses {
    // The sum of the masses up to a place, which is counted in cells from the lower end of the first.
    var cumulative = [0.0]
    for mass in masses { cumulative.append(cumulative[cumulative.count - 1] + mass) }
    func below(_ place: Double) -> Double {
      guard place > 0 else { return 0 }
      guard place < Double(masses.count) else { return cumulative[masses.count] }
      let bin = Int(place)
      return cumulative[bin] + (place - Double(bin)) * masses[bin]
    }
    let count = Int((Double(masses.count) * width / spacing).rounded(.up))
    let new = (0..<count).map { i in
      below(Double(i + 1) * spacing / width) - below(Double(i) * spacing / width)
    }
    return ThresholdMasses(first: first + (spacing - width) / 2, width: spacing, masses: new)
  }
}
