import Compute
import Testing

/// Where a normalisation is tried: the input, its scale and shift, and a direction in all three.
struct NormalizationPoint {
  var x, gamma, beta: [Double]

  init(_ count: Int, _ columns: Int, seed: UInt64) {
    var stream = RandomStream(seed: seed, purpose: .inputs)
    x = (0..<count).map { _ in stream.normal() * 1.5 + 0.7 }
    gamma = (0..<columns).map { _ in stream.normal() }
    beta = (0..<columns).map { _ in stream.normal() }
  }

  func moved(_ h: Double, _ direction: NormalizationPoint) -> NormalizationPoint {
    var point = self
    for i in x.indices { point.x[i] += h * direction.x[i] }
    for c in gamma.indices {
      point.gamma[c] += h * direction.gamma[c]
      point.beta[c] += h * direction.beta[c]
    }
    return point
  }
}

/// dx, and the parameters' gradients.
struct NormalizationSlopes { var dx, gamma, beta: [Double] }

/// The definition: each group of elements (a column, or a row) standardised, scaled and shifted by column.
func normalized(_ rows: Int, _ columns: Int, _ point: NormalizationPoint, byColumn: Bool) -> [Double] {
  var y = point.x
  for group in 0..<(byColumn ? columns : rows) {
    let places = (0..<(byColumn ? rows : columns)).map {
      byColumn ? $0 * columns + group : group * columns + $0
    }
    let mean = places.reduce(0) { $0 + point.x[$1] } / Double(places.count)
    let variance =
      places.reduce(0) { $0 + (point.x[$1] - mean) * (point.x[$1] - mean) } / Double(places.count)
    for i in places {
      let c = i % columns
      y[i] = point.gamma[c] * (point.x[i] - mean) / (variance + 1e-5).squareRoot() + point.beta[c]
    }
  }
  return y
}

/// Every element is within `tolerance` of the largest expected.
func expectNear(_ a: [Double], _ b: [Double], _ tolerance: Double, _ what: Comment) {
  #expect(a.count == b.count)
  let size = b.reduce(1e-3) { max($0, abs($1)) }
  let error = zip(a, b).reduce(0.0) { max($0, abs($1.0 - $1.1)) }
  #expect(error <= tolerance * size, what)
}

/// The derivative at 0 by five points.
func centralDifference(_ f: (Double) -> [Double]) -> [Double] {
  let h = 1e-3
  let (p1, m1, p2, m2) = (f(h), f(-h), f(2 * h), f(-2 * h))
  return p1.indices.map { (8 * (p1[$0] - m1[$0]) - (p2[$0] - m2[$0])) / (12 * h) }
}
