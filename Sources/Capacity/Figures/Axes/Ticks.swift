import Foundation

/// A value that an axis marks; without a label it is a minor one.
package struct Tick: Sendable, Hashable {
  package let value: Double
  package let label: String?
}

/// Where an axis is marked: at round numbers, as many as have room.
package enum Ticks {
  /// Multiples of 1, 2 or 5 times a power of ten within the domain: as many as there can be up to `count`, at least two
  /// where the domain is wide enough for any step.
  package static func linear(_ domain: ClosedRange<Double>, count: Int) -> [Tick] {
    let step = self.step(domain.upperBound - domain.lowerBound, count: count)
    return multiples(of: step, in: domain).map { Tick(value: $0, label: label($0, step: step)) }
  }

  /// The smallest of 1, 2 or 5 times a power of ten that cuts a span into fewer than `count` parts.
  static func step(_ span: Double, count: Int) -> Double {
    guard span > 0 else { return 1 }
    let rough = span / Double(max(1, count - 1))
    let power = pow(10, log10(rough).rounded(.down))
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * (1 - 1e-9) } ?? 10 * power
  }

  private static func multiples(of step: Double, in domain: ClosedRange<Double>) -> [Double] {
    let slack = 1e-9 * (domain.upperBound - domain.lowerBound)
    let first = Int(((domain.lowerBound - slack) / step).rounded(.up))
    let last = Int(((domain.upperBound + slack) / step).rounded(.down))
    guard first <= last else { return [] }
    // A step that divides 1 divides: 3 · 0.1 isn't the double nearest to 0.3, 3 / 10 is.
    let inverse = (1 / step).rounded()
    let divides = step < 1 && abs(inverse * step - 1) < 1e-9
    return (first...last).map { divides ? Double($0) / inverse : Double($0) * step }
  }

  /// Marks of a logarithmic axis, of which at most `count`, but at least three, have labels: powers of ten, with some of their
  /// multiples between them where there is room, and every whole multiple as a minor mark. A domain of less than a decade is
  /// marked at multiples of one step.
  package static func logarithmic(_ domain: ClosedRange<Double>, count: Int) -> [Tick] {
    let marks = regular(domain, count: count)
    return marks.count { $0.label != nil } >= 3 ? marks : endsAndMiddle(of: domain)
  }

  /// With fewer than three labels no reader sees the scale: the first and the last round number have one, and that which is
  /// nearest to halfway between them.
  private static func endsAndMiddle(of domain: ClosedRange<Double>) -> [Tick] {
    let isShort = domain.upperBound < 10 * domain.lowerBound
    let step = self.step(domain.upperBound - domain.lowerBound, count: 12)
    let marks =
      isShort
      ? multiples(of: step, in: domain).filter { $0 > 0 } : values([1, 2, 3, 4, 5, 6, 7, 8, 9], in: domain)
    guard let first = marks.first, let last = marks.last else { return [] }
    let middle = marks.dropFirst().dropLast().min {
      abs(log($0 / first) - log(last / $0)) < abs(log($1 / first) - log(last / $1))
    }
    return marks.map { value in
      let isLabelled = value == first || value == last || value == middle
      return Tick(value: value, label: isLabelled ? label(value, step: isShort ? step : value) : nil)
    }
  }

  private static func regular(_ domain: ClosedRange<Double>, count: Int) -> [Tick] {
    let decades = log10(domain.upperBound / domain.lowerBound)
    func haveRoom(_ values: [Double]) -> Bool {
      let nearest = zip(values, values.dropFirst()).map { log10($1 / $0) }.min() ?? decades
      return nearest * Double(count) >= decades * 0.9
    }
    if decades < 1 {
      var step = self.step(domain.upperBound - domain.lowerBound, count: 4 * count)
      while true {
        let marks = multiples(of: step, in: domain).filter { $0 > 0 }
        if haveRoom(marks) {
          let minor = multiples(of: step / 5, in: domain).filter { value in
            value > 0 && !marks.contains { abs($0 / value - 1) < 1e-9 }
          }
          return
            (marks.map { Tick(value: $0, label: label($0, step: step)) }
            + minor.map { Tick(value: $0, label: nil) })
            .sorted { $0.value < $1.value }
        }
        step = self.step(step * 1.5, count: 2)
      }
    }
    for multiples in [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]] as [[Double]] {
      let labelled = values(multiples, in: domain)
      if haveRoom(labelled) { return marked(labelled, in: domain) }
    }
    let powers = values([1], in: domain)
    let stride = max(1, Int((Double(powers.count) / Double(max(1, count))).rounded(.up)))
    let strided = powers.filter { Int(log10($0).rounded()) % stride == 0 }
    return marked(strided, in: domain)
  }

  private static func marked(_ labelled: [Double], in domain: ClosedRange<Double>) -> [Tick] {
    let minor = values([1, 2, 3, 4, 5, 6, 7, 8, 9], in: domain).filter { value in
      !labelled.contains { abs($0 / value - 1) < 1e-9 }
    }
    let marks =
      labelled.map { Tick(value: $0, label: label($0, step: $0)) } + minor.map { Tick(value: $0, label: nil) }
    return marks.sorted { $0.value < $1.value }
  }

  private static func values(_ multiples: [Double], in domain: ClosedRange<Double>) -> [Double] {
    let first = Int(log10(domain.lowerBound).rounded(.down))
    let last = Int(log10(domain.upperBound).rounded(.up))
    let slack = 1e-9
    let (low, high) = (domain.lowerBound * (1 - slack), domain.upperBound * (1 + slack))
    var values: [Double] = []
    for exponent in first...last {
      // A division by a power of ten is exact to the last bit where a product with its inverse isn't.
      let power = pow(10, Double(abs(exponent)))
      for multiple in multiples {
        let value = exponent < 0 ? multiple / power : multiple * power
        if low <= value, value <= high { values.append(value) }
      }
    }
    return values
  }

  /// 1,216 and 20M, and as many decimals as the step needs.
  static func label(_ value: Double, step: Double) -> String {
    let magnitude = abs(value)
    if magnitude >= 1e15 { return String(format: "%.0e", value) }
    for (unit, name) in [(1e12, "T"), (1e9, "G"), (1e6, "M")] where magnitude >= unit {
      return decimal(value / unit, step: step / unit) + name
    }
    return decimal(value, step: step)
  }

  private static func decimal(_ value: Double, step: Double) -> String {
    let decimals =
      step >= 1 ? (value == value.rounded() ? 0 : 1) : min(12, Int((-log10(step) - 1e-9).rounded(.up)))
    let text = String(format: "%.\(decimals)f", abs(value))
    let parts = text.split(separator: ".", maxSplits: 1)
    let whole = Summary.count(Int(parts[0]) ?? 0)
    let isZero = !text.contains { $0 != "0" && $0 != "." }
    return (value < 0 && !isZero ? "−" : "") + whole + (parts.count > 1 ? ".\(parts[1])" : "")
  }
}
