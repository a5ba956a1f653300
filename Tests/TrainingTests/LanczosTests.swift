import Compute
import Foundation
import Testing
import Training

/// A dense symmetric matrix, row by row.
private struct DenseMatrix: SymmetricOperator {
  let size: Int
  let entries: Buffer<Double>

  func multiply(_ vector: Buffer<Double>, into product: Buffer<Double>) -> Bool {
    Double.multiplyVector(
      transpose: false, rows: size, columns: size, alpha: 1, a: entries.pointer, strideA: size,
      x: vector.pointer, beta: 0, y: product.pointer)
    return true
  }

  /// (G + Gᵀ) / √(2 size), G standard normal: eigenvalues fill [−2, 2] by Wigner's law.
  static func wigner(_ size: Int, seed: UInt64) -> DenseMatrix {
    var stream = RandomStream(seed: seed, purpose: .lanczos, index: 7)
    let entries = Buffer<Double>(count: size * size)
    for i in 0..<size {
      for j in i..<size {
        let value = stream.normal() * (i == j ? 2.0.squareRoot() : 1) / Double(size).squareRoot()
        entries[i * size + j] = value
        entries[j * size + i] = value
      }
    }
    return DenseMatrix(size: size, entries: entries)
  }

  /// The whole spectrum by LAPACK's dense solver.
  var eigenvalues: [Double] {
    let copy = entries.copy()
    let values = Buffer<Double>(count: size)
    #expect(Double.symmetricEigen(size, matrix: copy.pointer, eigenvalues: values.pointer))
    return values.array
  }
}

/// diag(entries), which costs no memory for the zeros.
private struct DiagonalMatrix: SymmetricOperator {
  let entries: [Double]
  var size: Int { entries.count }

  func multiply(_ vector: Buffer<Double>, into product: Buffer<Double>) -> Bool {
    for i in 0..<size { product[i] = entries[i] * vector[i] }
    return true
  }
}

@Suite("Lanczos with full reorthogonalisation")
struct LanczosTests {
  private let stream = RandomStream(seed: 3, purpose: .lanczos)

  @Test("the ends of a random symmetric matrix", arguments: [1, 2, 3, 10, 60, 250])
  func randomMatrix(size: Int) throws {
    let matrix = DenseMatrix.wigner(size, seed: UInt64(size))
    let known = matrix.eigenvalues
    let lanczos = Lanczos(maximumSteps: 250, relativeResidual: 1e-8)
    let found = try #require(lanczos.run(matrix, stream: stream))
    #expect(found.converged)
    #expect(abs(found.smallest.value - known[0]) <= 1e-9)
    #expect(abs(found.largest.value - known[size - 1]) <= 1e-9)
    let product = Buffer<Double>(count: size)
    _ = matrix.multiply(found.smallestVector, into: product)
    Double.addScaled(size, -found.smallest.value, found.smallestVector.pointer, product.pointer)
    let residual = Double.norm(size, product.pointer)
    #expect(abs(residual - found.smallest.residual) <= 1e-9, "the residual reported is the true one")
  }

  @Test("an isolated negative eigenvalue below a wide spectrum")
  func outlier() throws {
    var entries = (0..<3000).map { 1e-3 * Double($0) / 3000 }
    entries[17] = -0.005
    entries[2000] = 4
    let found = try #require(Lanczos().run(DiagonalMatrix(entries: entries), stream: stream))
    #expect(found.converged)
    #expect(abs(found.smallest.value + 0.005) <= found.smallest.residual + 1e-12)
    #expect(abs(found.largest.value - 4) <= found.largest.residual + 1e-12)
    #expect(abs(abs(found.smallestVector[17]) - 1) < 1e-2)
  }

  @Test("a multiple of the identity has one eigenvalue, found in one step")
  func identity() throws {
    let found = try #require(
      Lanczos().run(DiagonalMatrix(entries: Array(repeating: 2.5, count: 40)), stream: stream))
    #expect(found.steps == 1)
    #expect(found.converged)
    #expect(abs(found.smallest.value - 2.5) < 1e-14)
    #expect(abs(found.largest.value - 2.5) < 1e-14)
  }

  @Test("a run cut short says that it has not converged")
  func notConverged() throws {
    let matrix = DenseMatrix.wigner(200, seed: 5)
    let lanczos = Lanczos(maximumSteps: 6, relativeResidual: 1e-4)
    let found = try #require(lanczos.run(matrix, stream: stream))
    #expect(found.steps == 6)
    #expect(!found.converged)
    #expect(found.smallest.residual > found.residualTolerance)
  }

  @Test("a matrix with NaN gives no result")
  func notFinite() {
    #expect(Lanczos().run(DiagonalMatrix(entries: [1, .nan, 2]), stream: stream) == nil)
  }

  @Test("the basis stays within its memory")
  func memory() {
    #expect(Lanczos(maximumSteps: 400, memoryLimit: 8_000_000).stepLimit(size: 10_000) == 100)
    #expect(Lanczos(maximumSteps: 400).stepLimit(size: 30) == 30)
  }
}
