import Compute
import Foundation
import Testing

@Suite struct LinearAlgebraTests {
  @Test(arguments: [false, true], [false, true])
  func matrixProduct(transposeA: Bool, transposeB: Bool) {
    let (m, n, k) = (3, 4, 5)
    var stream = RandomStream(seed: 1, purpose: .inputs)
    let a = Buffer<Double>((0..<m * k).map { _ in stream.normal() })
    let b = Buffer<Double>((0..<k * n).map { _ in stream.normal() })
    let c = Buffer<Double>(repeatElement(.nan, count: m * n))
    Double.multiplyMatrices(
      transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 2, a: a.pointer,
      strideA: transposeA ? m : k, b: b.pointer, strideB: transposeB ? k : n, beta: 0, c: c.pointer,
      strideC: n)
    for i in 0..<m {
      for j in 0..<n {
        let sum = (0..<k).reduce(0.0) {
          $0 + a[transposeA ? $1 * m + i : i * k + $1] * b[transposeB ? j * k + $1 : $1 * n + j]
        }
        #expect(abs(c[i * n + j] - 2 * sum) < 1e-13)
      }
    }
  }

  /// The second-difference matrix, whose eigenvalues are 4 sin²(jπ / 2(n+1)).
  @Test func eigenvaluesOfTheSecondDifference() {
    let n = 40
    let exact = (1...n).map { 4 * pow(sin(Double($0) * .pi / Double(2 * (n + 1))), 2) }
    let full = Buffer<Double>(count: n * n)
    for i in 0..<n {
      full[i * n + i] = 2
      if i + 1 < n { full[i * n + i + 1] = -1 }
    }
    let values = Buffer<Double>(count: n)
    #expect(Double.symmetricEigen(n, matrix: full.pointer, eigenvalues: values.pointer))
    let diagonal = Buffer<Double>(repeatElement(2, count: n))
    let off = Buffer<Double>(repeatElement(-1, count: n - 1))
    let vectors = Buffer<Double>(count: n * n)
    #expect(
      Double.tridiagonalEigen(
        n, diagonal: diagonal.pointer, offDiagonal: off.pointer, vectors: vectors.pointer))
    for j in 0..<n {
      #expect(abs(values[j] - exact[j]) < 1e-13)
      #expect(abs(diagonal[j] - exact[j]) < 1e-13)
      for matrix in [full, vectors] {
        let v = (0..<n).map { matrix[j * n + $0] }
        #expect(abs(v.reduce(0) { $0 + $1 * $1 } - 1) < 1e-13)
        for i in 0..<n {
          let product = 2 * v[i] - (i > 0 ? v[i - 1] : 0) - (i + 1 < n ? v[i + 1] : 0)
          #expect(abs(product - exact[j] * v[i]) < 1e-13)
        }
      }
    }
  }

  @Test func eigenSolversRefuseWhatIsNotFinite() {
    let matrix = Buffer<Float>([1, .nan, .nan, 1])
    let values = Buffer<Float>(count: 2)
    #expect(!Float.symmetricEigen(2, matrix: matrix.pointer, eigenvalues: values.pointer))
  }

  @Test func choleskySolves() {
    let n = 12
    var stream = RandomStream(seed: 2, purpose: .inputs)
    let g = Buffer<Double>((0..<n * n).map { _ in stream.normal() })
    let upper = Buffer<Double>(count: n * n)
    Double.multiplyByOwnTranspose(
      transpose: true, n: n, k: n, alpha: 1, a: g.pointer, strideA: n, beta: 0, c: upper.pointer, strideC: n)
    let a = upper.copy()
    for i in 0..<n {
      for j in 0..<i { a[i * n + j] = upper[j * n + i] }
    }
    let x = Buffer<Double>((0..<n).map { _ in stream.normal() })
    let b = Buffer<Double>(count: n)
    Double.multiplyVector(
      transpose: false, rows: n, columns: n, alpha: 1, a: a.pointer, strideA: n, x: x.pointer, beta: 0,
      y: b.pointer)
    let factor = a.copy()
    #expect(Double.choleskyFactor(n, matrix: factor.pointer))
    for i in 0..<n {
      let square = (0...i).reduce(0.0) { $0 + factor[i * n + $1] * factor[i * n + $1] }
      #expect(abs(square - a[i * n + i]) < 1e-12 * a[i * n + i])
    }
    Double.choleskySolve(n, factor: factor.pointer, x: b.pointer)
    for i in 0..<n { #expect(abs(b[i] - x[i]) < 1e-6) }
    a[0] = -1
    #expect(!Double.choleskyFactor(n, matrix: a.pointer))
  }

  @Test func oneThreadAndANamedKernel() {
    BLAS.useOneThread()
    #expect(!BLAS.kernels.isEmpty)
  }
}
