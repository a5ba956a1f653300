import Compute
import Testing

/// Kernels against plain loops, at lengths around the vectors' widths.
@Suite struct VectorKernelTests {
  func random<S: Scalar>(_ count: Int, seed: UInt64) -> Buffer<S> {
    var stream = RandomStream(seed: seed, purpose: .inputs)
    return Buffer((0..<count).map { _ in S(stream.normal()) })
  }

  func checkReductions<S: Scalar>(_: S.Type) {
    for count in [0, 1, 7, 15, 16, 17, 100, 1003] {
      let x: Buffer<S> = random(count, seed: 1)
      let y: Buffer<S> = random(count, seed: 2)
      let dot = zip(x.array, y.array).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let sum = x.array.reduce(0.0) { $0 + Double($1) }
      let distance = zip(x.array, y.array).reduce(0.0) {
        $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
      }
      #expect(abs(S.dot(count, x.pointer, y.pointer) - dot) <= 1e-12 * Double(count))
      #expect(abs(S.sum(count, x.pointer) - sum) <= 1e-12 * Double(count))
      #expect(abs(S.squaredDistance(count, x.pointer, y.pointer) - distance) <= 1e-12 * Double(count))
      #expect(S.largestMagnitude(count, x.pointer) == (x.array.map(\.magnitude).max() ?? 0))
      #expect(S.isFinite(count, x.pointer))
      if count > 0 {
        x[count / 2] = .infinity
        #expect(!S.isFinite(count, x.pointer))
        x[count - 1] = .nan
        #expect(!S.isFinite(count, x.pointer))
        #expect(S.largestMagnitude(count, x.pointer).isNaN)
      }
    }
  }

  @Test func reductions() {
    checkReductions(Float.self)
    checkReductions(Double.self)
  }

  @Test func elementwise() {
    for count in [0, 1, 9, 64, 131] {
      let x: Buffer<Double> = random(count, seed: 1)
      let y: Buffer<Double> = random(count, seed: 2)
      let z = Buffer<Double>(count: count)
      Double.combine(count, 2, x.pointer, -3, y.pointer, z.pointer)
      #expect(z.array == zip(x.array, y.array).map { 2 * $0 + -3 * $1 })
      Double.add(count, x.pointer, y.pointer, z.pointer)
      Double.addProduct(count, x.pointer, y.pointer, z.pointer)
      #expect(z.array == zip(x.array, y.array).map { $0 + $1 + $0 * $1 })
      Double.subtract(count, z.pointer, y.pointer, z.pointer)
      Double.multiply(count, z.pointer, x.pointer, z.pointer)
      Double.scale(count, 0.5, z.pointer, z.pointer)
      Double.addScaled(count, 4, y.pointer, z.pointer)
      #expect(z.array == zip(x.array, y.array).map { ($0 + $1 + $0 * $1 - $1) * $0 * 0.5 + 4 * $1 })
    }
  }

  @Test(arguments: [(1, 1), (5, 3), (100, 10), (129, 16), (70, 64), (9, 65), (4, 300)])
  func rows(rows: Int, columns: Int) {
    let x: Buffer<Float> = random(rows * columns, seed: 3)
    let w: Buffer<Float> = random(rows * columns, seed: 4)
    let sums = Buffer<Float>((0..<columns).map { Float($0) })
    let products = Buffer<Float>(count: columns)
    Float.columnSums(rows, columns, x.pointer, 1, sums.pointer)
    Float.columnProducts(rows, columns, w.pointer, x.pointer, 0, products.pointer)
    for c in 0..<columns {
      let column = (0..<rows).map { Double(x[$0 * columns + c]) }
      let weighted = (0..<rows).map { Double(x[$0 * columns + c]) * Double(w[$0 * columns + c]) }
      #expect(abs(Double(sums[c]) - Double(c) - column.reduce(0, +)) < 1e-5 * Double(rows + c))
      #expect(abs(Double(products[c]) - weighted.reduce(0, +)) < 1e-5 * Double(rows))
    }
    let indices = (0..<rows).map { Int32(rows - 1 - $0) }
    let gathered = Buffer<Float>(count: rows * columns)
    Float.gatherRows(rows, columns, x.pointer, indices, gathered.pointer)
    for r in 0..<rows {
      for c in 0..<columns { #expect(gathered[r * columns + c] == x[(rows - 1 - r) * columns + c]) }
    }
  }
}
