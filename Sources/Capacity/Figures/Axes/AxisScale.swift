import Foundation

/// From values to places: linear, or logarithmic, from `domain` onto start … end in pixels (which may run downwards).
package struct AxisScale: Sendable, Hashable {
  package enum Kind: Sendable, Hashable { case linear, logarithmic }

  let kind: Kind
  let domain: ClosedRange<Double>
  let start: Double
  let end: Double

  /// - Precondition: a logarithmic domain is above 0; the domain is more than a point.
  package init(_ kind: Kind, _ domain: ClosedRange<Double>, start: Double, end: Double) {
    precondition(domain.lowerBound < domain.upperBound, "a domain is more than a point")
    precondition(kind == .linear || domain.lowerBound > 0, "a logarithm is of a number above 0")
    self.kind = kind
    self.domain = domain
    self.start = start
    self.end = end
  }

  /// start + (end − start) · (v − low) / (high − low), of logarithms where the axis has them.
  package func place(_ value: Double) -> Double {
    let (low, high) = (domain.lowerBound, domain.upperBound)
    let part =
      switch kind {
      case .linear: (value - low) / (high - low)
      case .logarithmic: log(value / low) / log(high / low)
      }
    return start + (end - start) * part
  }

  /// The place, or the end of the axis that a value lies beyond.
  package func clampedPlace(_ value: Double) -> Double {
    place(min(max(value, domain.lowerBound), domain.upperBound))
  }

  func contains(_ value: Double) -> Bool { domain.contains(value) }

  /// Marks with room for labels of `room` pixels each.
  func ticks(room: Double) -> [Tick] {
    let count = max(2, Int(abs(end - start) / room))
    return switch kind {
    case .linear: Ticks.linear(domain, count: count)
    case .logarithmic: Ticks.logarithmic(domain, count: count)
    }
  }

  /// A domain around values with a part of its length added at both ends; a single value gets a factor, or a unit, around it.
  static func domain(of values: [Double], _ kind: Kind, padding: Double = 0.04) -> ClosedRange<Double>? {
    let values = kind == .logarithmic ? values.filter { $0 > 0 && $0.isFinite } : values.filter(\.isFinite)
    guard let low = values.min(), let high = values.max() else { return nil }
    switch kind {
    case .linear:
      let margin = high > low ? (high - low) * padding : max(0.5, abs(low) / 4)
      return (low - margin)...(high + margin)
    case .logarithmic:
      let factor = high > low * 1.0001 ? pow(high / low, padding) : 2
      return (low / factor)...(high * factor)
    }
  }
}
