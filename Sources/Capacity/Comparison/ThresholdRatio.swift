import Foundation

/// The posterior of ln(n₅₀ / n₅₀′) of two cells, whose probes are independent: the convolution of one threshold's
/// distribution with the other's mirrored.
struct ThresholdRatio {
  /// Cumulative masses at the upper ends of bins.
  private let cumulative: [Double]
  private let lowest: Double
  private let width: Double

  init(_ first: ThresholdMasses, over second: ThresholdMasses) {
    let width = max(min(first.width, second.width), (first.span + second.span) / 4000)
    lowest = first.first - second.last - 2 * width
    self.width = width
    let bins = Int(((first.span + second.span) / width).rounded(.up)) + 6
    var masses = [Double](repeating: 0, count: bins)
    let (a, b) = (first.resampled(width), second.resampled(width))
    for (i, mass) in a.masses.enumerated() where mass > 0 {
      // θ_i − θ_j falls as j rises.
      let place = (a.first + Double(i) * width - b.first - lowest) / width
      let bin = Int(place)
      let part = place - Double(bin)
      for (j, other) in b.masses.enumerated() {
        masses[bin - j] += (1 - part) * mass * other
        masses[bin - j + 1] += part * mass * other
      }
    }
    let total = masses.reduce(0, +)
    var sum = 0.0
    cumulative = masses.map { mass in
      sum += mass / total
      return sum
    }
  }

  /// The difference below which lies this part of the mass. A bin's mass is uniform around its middle.
  func quantile(_ part: Double) -> Double {
    let bin = cumulative.firstIndex { $0 >= part } ?? cumulative.count - 1
    let before = bin == 0 ? 0 : cumulative[bin - 1]
    let mass = cumulative[bin] - before
    return lowest + (Double(bin) - 0.5 + (mass > 0 ? (part - before) / mass : 0.5)) * width
  }

  /// The probability that the first is the larger.
  var probabilityOfMore: Double {
    let place = (0 - lowest) / width + 0.5
    let bin = Int(place)
    guard place > 0 else { return 1 }
    guard bin < cumulative.count else { return 0 }
    let before = bin == 0 ? 0 : cumulative[bin - 1]
    return max(0, 1 - before - (place - Double(bin)) * (cumulative[bin] - before))
  }
}

/// A distribution of θ as masses at equally spaced points.
struct ThresholdMasses {
  /// θ of the first mass.
  let first: Double
  let width: Double
  let masses: [Double]

  var span: Double { Double(masses.count - 1) * width }
  var last: Double { first + span }

  /// The same with another spacing: each mass is shared between the two points beside it.
  func resampled(_ spacing: Double) -> ThresholdMasses {
    guard spacing != width else { return self }
    var new = [Double](repeating: 0, count: Int(span / spacing) + 3)
    // A finer spacing would leave gaps: a mass is spread over its cell first.
    let parts = max(1, Int((width / spacing).rounded(.up)))
    for (i, mass) in masses.enumerated() where mass > 0 {
      for part in 0..<parts {
        let offset = (Double(part) + 0.5) / Double(parts) - 0.5
        let place = max(0, (Double(i) + offset) * width / spacing + 0.5)
        let bin = Int(place)
        new[bin] += (1 - (place - Double(bin))) * mass / Double(parts)
        new[bin + 1] += (place - Double(bin)) * mass / Double(parts)
      }
    }
    return ThresholdMasses(first: first - 0.5 * spacing, width: spacing, masses: new)
  }
}
