import Compute
import Testing

/// Matrix products of every shape around the tiles' edges, against sums in double.
@Suite struct MatrixProductTests {
  func check<S: Scalar>(_: S.Type, m: Int, n: Int, k: Int, tolerance: Double) {
    var stream = RandomStream(seed: UInt64(m * 1_000_003 + n * 1009 + k), purpose: .inputs)
    // Rows of A, B and C are longer than what is used of them.
    for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
      let strideA = (transposeA ? m : k) + 3
      let strideB = (transposeB ? k : n) + 1
      let strideC = n + 2
      let a = Buffer<S>((0..<(transposeA ? k : m) * strideA).map { _ in S(stream.normal()) })
      let b = Buffer<S>((0..<(transposeB ? n : k) * strideB).map { _ in S(stream.normal()) })
      let written = Buffer<S>(repeatElement(.nan, count: m * strideC))
      let added = Buffer<S>(repeatElement(1, count: m * strideC))
      for (beta, c) in [(S(0), written), (S(1), added)] {
        S.multiplyMatrices(
          transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 1, a: a.pointer,
          strideA: strideA, b: b.pointer, strideB: strideB, beta: beta, c: c.pointer, strideC: strideC)
      }
      var worst = 0.0
      var untouched = true
      for i in 0..<m {
        for j in 0..<n {
          let sum = (0..<k).reduce(0.0) {
            $0 + Double(a[transposeA ? $1 * strideA + i : i * strideA + $1])
              * Double(b[transposeB ? j * strideB + $1 : $1 * strideB + j])
          }
          let error = max(
            abs(Double(written[i * strideC + j]) - sum), abs(Double(added[i * strideC + j]) - sum - 1))
          worst = error <= worst ? worst : error
        }
        // What lies between the rows of C is left alone.
        for j in n..<strideC {
          untouched = untouched && written[i * strideC + j].isNaN && added[i * strideC + j] == 1
        }
      }
      #expect(worst <= tolerance * Double(k + 1))
      #expect(untouched)
    }
  }

  @Test(arguments: [1, 2, 5, 6, 7, 11, 12, 13, 25, 121], [1, 3, 8, 10, 16, 17, 33, 64, 130])
  func edges(m: Int, n: Int) {
    for k in [1, 37] {
      check(Float.self, m: m, n: n, k: k, tolerance: 1e-6)
      check(Double.self, m: m, n: n, k: k, tolerance: 1e-14)
    }
  }

  @Test func deepAndLarge() {
    check(Float.self, m: 7, n: 20, k: 700, tolerance: 1e-6)
    check(Double.self, m: 9, n: 12, k: 513, tolerance: 1e-14)
    check(Double.self, m: 130, n: 260, k: 300, tolerance: 1e-14)
  }
}
