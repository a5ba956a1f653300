import Foundation

/// The logarithmic axis of sizes. It shows where the curve falls; probes so far away that the curve would become a step are
/// placed in margins beside it, in their order.
struct SizeAxis {
  /// Beside the axis, for probes beyond one of its ends.
  struct Margin: Hashable {
    let left: Double
    let right: Double
    let sizes: ClosedRange<Double>

    var label: String {
      let (low, high) = (Summary.count(Int(sizes.lowerBound)), Summary.count(Int(sizes.upperBound)))
      return low == high ? low : "\(low)–\(high)"
    }

    /// Where a size is within the margin: by its logarithm, a fifth of the margin from its edges.
    func place(_ size: Double) -> Double {
      let (low, high) = (log(sizes.lowerBound), log(sizes.upperBound))
      let inset = (right - left) / 5
      guard high > low else { return (left + right) / 2 }
      return left + inset + (right - left - 2 * inset) * (log(size) - low) / (high - low)
    }
  }

  let scale: AxisScale
  let margins: [Margin]

  private static let marginWidth = 76.0
  private static let gap = 10.0

  init(_ reading: MeasurementReading, left: Double, right: Double) {
    let sizes = reading.probes.map { Double($0.samples) }
    let ends = [reading.interval.lower, reading.interval.upper].compactMap(\.self).filter { $0 > 0 }
    let core = sizes.isEmpty ? [] : (reading.curve?.samples ?? []) + ends
    let whole = AxisScale.domain(of: sizes + core, .logarithmic) ?? 1...10_000
    var domain = whole
    if let near = AxisScale.domain(of: core, .logarithmic, padding: 0.03),
      log(whole.upperBound / whole.lowerBound) > 2.2 * log(near.upperBound / near.lowerBound)
    {
      domain = near
    }
    let beyond = [sizes.filter { $0 < domain.lowerBound }, sizes.filter { $0 > domain.upperBound }]
    let start = beyond[0].isEmpty ? left : left + Self.marginWidth
    let end = beyond[1].isEmpty ? right : right - Self.marginWidth
    scale = AxisScale(.logarithmic, domain, start: start, end: end)
    margins = zip(beyond, [(left, start - Self.gap), (end + Self.gap, right)]).compactMap { sizes, place in
      guard let low = sizes.min(), let high = sizes.max() else { return nil }
      return Margin(left: place.0, right: place.1, sizes: low...high)
    }
  }

  /// The place of a size, on the axis or in a margin.
  func place(_ size: Double) -> Double {
    margins.first { $0.sizes.contains(size) }?.place(size) ?? scale.clampedPlace(size)
  }
}
