import Foundation

/// Numbers along the grid of μ, eight at a time.
typealias Lanes = SIMD8<Double>

extension Lanes {
  /// A function of each.
  func mapped(_ value: (Double) -> Double) -> Lanes {
    var result = Lanes()
    for lane in 0..<Lanes.scalarCount { result[lane] = value(self[lane]) }
    return result
  }
}

/// The curves 1 / (1 + exp((x − μ_i) / s_j)) for μ_i = first + i · spacing: exp((x − μ_i) / s) is a product of a factor of x
/// and one of i, so that a size costs one exponential for each s.
struct CurveTable {
  private let grid: CurveGrid
  /// exp((middle − μ_i) / s_j); empty where a double can't hold the factors.
  private let factors: [[Lanes]]

  init(_ grid: CurveGrid, scales: [Double]) {
    self.grid = grid
    self.scales = scales
    factors = scales.map { scale in
      guard grid.spacing * Double(grid.count) / 2 / scale < 300 else { return [] }
      return grid.lanes { exp((grid.middle - $0) / scale) }
    }
  }

  private let scales: [Double]

  /// Writes the curves of s_j at x = ln n.
  func fill(_ values: inout [Lanes], scale j: Int, at x: Double) {
    let distance = (x - grid.middle) / scales[j]
    let factors = factors[j]
    guard !factors.isEmpty, abs(distance) < 300 else {
      values = grid.lanes { 1 / (1 + exp((x - $0) / scales[j])) }
      return
    }
    let factor = Lanes(repeating: exp(distance))
    for i in values.indices { values[i] = 1 / (1 + factor * factors[i]) }
  }
}

/// Equally spaced values of μ: first + i · spacing, the middles of cells.
struct CurveGrid: Sendable {
  let first: Double
  let spacing: Double
  /// A multiple of eight.
  let count: Int

  init(over window: ClosedRange<Double>, count: Int) {
    precondition(count % Lanes.scalarCount == 0)
    spacing = (window.upperBound - window.lowerBound) / Double(count)
    first = window.lowerBound + spacing / 2
    self.count = count
  }

  /// At least so many points, and as many more as it takes for them to be no further apart than `spacing`.
  init(over window: ClosedRange<Double>, count: Int, spacing: Double) {
    let needed = Int(((window.upperBound - window.lowerBound) / spacing).rounded(.up))
    let lanes = Lanes.scalarCount
    self.init(over: window, count: max(count, (needed + lanes - 1) / lanes * lanes))
  }

  /// All cells.
  var window: ClosedRange<Double> { (first - spacing / 2)...(first + (Double(count) - 0.5) * spacing) }

  var middle: Double { first + spacing * Double(count) / 2 }
  /// Lanes that hold all points.
  var rows: Int { count / Lanes.scalarCount }

  /// All points.
  var places: [Lanes] {
    (0..<rows).map { row in
      var lanes = Lanes()
      for lane in 0..<Lanes.scalarCount {
        lanes[lane] = first + Double(row * Lanes.scalarCount + lane) * spacing
      }
      return lanes
    }
  }

  /// The value of a function at every point.
  func lanes(_ value: (Double) -> Double) -> [Lanes] {
    places.map { $0.mapped(value) }
  }
}
