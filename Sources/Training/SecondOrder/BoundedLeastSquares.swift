import Compute

/// min over s ∈ [0, 1]^m of ‖g + Gᵀ s‖₂, G (m, n), by projected Newton steps (Bertsekas 1982): exact for the small
/// problems of full row rank that kinks lead to.
package struct BoundedLeastSquares {
  /// The minimiser.
  package private(set) var solution: [Double]
  /// ‖g + Gᵀ s‖₂ there.
  package private(set) var norm: Double
  /// Whether the rows of G are linearly independent, so that the minimiser is the only one.
  package private(set) var hasFullRank: Bool
  /// The largest violation of the conditions of optimality, relative to the largest |G g|.
  package private(set) var violation: Double

  /// `rows` is G, row by row; `offset` is g.
  package init(rows: Buffer<Double>, count m: Int, offset: Buffer<Double>) {
    let n = offset.count
    let products = Buffer<Double>(count: max(1, m * m))
    let slopes = Buffer<Double>(count: max(1, m))
    Double.multiplyMatrices(
      transposeA: false, transposeB: true, m: m, n: m, k: n, alpha: 1, a: rows.pointer, strideA: n,
      b: rows.pointer, strideB: n, beta: 0, c: products.pointer, strideC: m)
    Double.multiplyVector(
      transpose: false, rows: m, columns: n, alpha: 1, a: rows.pointer, strideA: n, x: offset.pointer,
      beta: 0,
      y: slopes.pointer)
    hasFullRank = Self.isIndependent(products, m)
    let problem = Problem(products: products, slopes: slopes, count: m)
    (solution, violation) = problem.solve()
    let rest = offset.copy()
    for (i, s) in solution.enumerated() { Double.addScaled(n, s, rows.pointer + i * n, rest.pointer) }
    norm = rest.norm
  }

  /// Whether the vectors with these inner products are independent: no pivot of their correlations is below 10⁻¹⁰.
  private static func isIndependent(_ products: Buffer<Double>, _ m: Int) -> Bool {
    let correlations = Buffer<Double>(count: max(1, m * m))
    for i in 0..<m {
      for j in 0..<m {
        let scale = (products[i * m + i] * products[j * m + j]).squareRoot()
        guard scale > 0 else { return false }
        correlations[i * m + j] = products[i * m + j] / scale
      }
    }
    guard Double.choleskyFactor(m, matrix: correlations.pointer) else { return false }
    return (0..<m).allSatisfy { correlations[$0 * m + $0] * correlations[$0 * m + $0] >= 1e-10 }
  }
}

/// ½ sᵀ H s + qᵀ s over the unit box.
private struct Problem {
  let products: Buffer<Double>
  let slopes: Buffer<Double>
  let count: Int

  func solve() -> (solution: [Double], violation: Double) {
    var s = [Double](repeating: 0.5, count: count)
    let scale = max((0..<count).map { abs(slopes[$0]) }.max() ?? 0, .leastNormalMagnitude)
    var gradient = self.gradient(s)
    var violation = self.violation(s, gradient) / scale
    for _ in 0..<200 where violation > 1e-12 {
      guard let next = improved(s, gradient) else { break }
      s = next
      gradient = self.gradient(s)
      violation = self.violation(s, gradient) / scale
    }
    return (s, violation)
  }

  private func gradient(_ s: [Double]) -> [Double] {
    let (x, y) = (Buffer(s), slopes.copy())
    Double.multiplyVector(
      transpose: false, rows: count, columns: count, alpha: 1, a: products.pointer, strideA: count,
      x: x.pointer, beta: 1, y: y.pointer)
    return withExtendedLifetime(x) { (0..<count).map { y[$0] } }
  }

  private func value(_ s: [Double], _ gradient: [Double]) -> Double {
    (0..<count).reduce(0) { $0 + s[$1] * (gradient[$1] + slopes[$1]) / 2 }
  }

  private func isHeld(_ s: Double, _ slope: Double) -> Bool { s <= 0 && slope > 0 || s >= 1 && slope < 0 }

  private func violation(_ s: [Double], _ gradient: [Double]) -> Double {
    (0..<count).reduce(0) { isHeld(s[$1], gradient[$1]) ? $0 : max($0, abs(gradient[$1])) }
  }

  /// A Newton step in what no bound holds, cut short and bent along the box until the value falls.
  private func improved(_ s: [Double], _ gradient: [Double]) -> [Double]? {
    let free = (0..<count).filter { !isHeld(s[$0], gradient[$0]) }
    let m = free.count
    let inner = Buffer<Double>(count: max(1, m * m))
    let direction = Buffer<Double>(count: max(1, m))
    for (i, a) in free.enumerated() {
      direction[i] = -gradient[a]
      for (j, b) in free.enumerated() { inner[i * m + j] = products[a * count + b] }
      inner[i * m + i] *= 1 + 1e-13
    }
    if Double.choleskyFactor(m, matrix: inner.pointer) {
      Double.choleskySolve(m, factor: inner.pointer, x: direction.pointer)
    } else {
      for (i, a) in free.enumerated() { direction[i] /= max(products[a * count + a], .leastNormalMagnitude) }
    }
    let before = value(s, gradient)
    var length = 1.0
    for _ in 0..<60 {
      var next = s
      for (i, a) in free.enumerated() { next[a] = min(1, max(0, s[a] + length * direction[i])) }
      if value(next, self.gradient(next)) < before { return next }
      length /= 2
    }
    return nil
  }
}
