/// BLAS and LAPACK. Matrices are row major with contiguous rows unless a leading dimension says otherwise.
package protocol LinearAlgebra {
  /// C (m, n) = alpha · op(A) (m, k) · op(B) (k, n) + beta · C; with beta 0, C is only written.
  static func multiplyMatrices(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Self, a: UnsafePointer<Self>,
    strideA: Int, b: UnsafePointer<Self>, strideB: Int, beta: Self, c: UnsafeMutablePointer<Self>,
    strideC: Int)
  /// y = alpha · op(A) x + beta · y, A (rows, columns).
  static func multiplyVector(
    transpose: Bool, rows: Int, columns: Int, alpha: Self, a: UnsafePointer<Self>, strideA: Int,
    x: UnsafePointer<Self>, beta: Self, y: UnsafeMutablePointer<Self>)
  /// C (n, n) = alpha · A Aᵀ + beta · C, A (n, k), or with `transpose` A (k, n) and C = alpha · AᵀA + beta · C.
  /// Only the upper triangle of C is read and written.
  static func multiplyByOwnTranspose(
    transpose: Bool, n: Int, k: Int, alpha: Self, a: UnsafePointer<Self>, strideA: Int, beta: Self,
    c: UnsafeMutablePointer<Self>, strideC: Int)
  /// A (rows, columns) += alpha · x yᵀ.
  static func addOuterProduct(
    rows: Int, columns: Int, alpha: Self, x: UnsafePointer<Self>, y: UnsafePointer<Self>,
    a: UnsafeMutablePointer<Self>, strideA: Int)
  /// B (m, n) ← B · op(L), L (n, n) lower triangular.
  static func multiplyTriangular(
    transpose: Bool, m: Int, n: Int, l: UnsafePointer<Self>, b: UnsafeMutablePointer<Self>)
  /// B (m, n) ← B · op(L)⁻¹, L (n, n) lower triangular.
  static func solveTriangular(
    transpose: Bool, m: Int, n: Int, l: UnsafePointer<Self>, b: UnsafeMutablePointer<Self>)
  /// The eigenvalues of the symmetric matrix (n, n), ascending, and in row i of `matrix` the unit eigenvector of
  /// eigenvalue i. Reads the upper triangle. False if LAPACK didn't converge or the matrix isn't finite.
  /// `scratch` has `symmetricEigenScratchCount(n)` elements.
  static func symmetricEigen(
    _ n: Int, matrix: UnsafeMutablePointer<Self>, eigenvalues: UnsafeMutablePointer<Self>,
    scratch: UnsafeMutablePointer<Self>
  ) -> Bool
  /// The eigenvalues of the symmetric tridiagonal matrix, ascending, in `diagonal`; row i of `vectors` (n, n; may be
  /// nil) is the unit eigenvector of eigenvalue i. `offDiagonal` (n − 1) is destroyed.
  static func tridiagonalEigen(
    _ n: Int, diagonal: UnsafeMutablePointer<Self>, offDiagonal: UnsafeMutablePointer<Self>,
    vectors: UnsafeMutablePointer<Self>?
  ) -> Bool
  /// The lower Cholesky factor L, A = L Lᵀ, in the lower triangle of A (n, n). False if A isn't positive definite.
  static func choleskyFactor(_ n: Int, matrix: UnsafeMutablePointer<Self>) -> Bool
  /// x ← A⁻¹ x, given the factor that `choleskyFactor` left.
  static func choleskySolve(_ n: Int, factor: UnsafePointer<Self>, x: UnsafeMutablePointer<Self>)
}

extension LinearAlgebra where Self: Scalar {
  /// LAPACK's numbers, 1 + 6n + 2n², and room for its 3 + 5n integers.
  package static func symmetricEigenScratchCount(_ n: Int) -> Int { 4 + 11 * n + 2 * n * n }

  /// The same with scratch of its own.
  package static func symmetricEigen(
    _ n: Int, matrix: UnsafeMutablePointer<Self>, eigenvalues: UnsafeMutablePointer<Self>
  ) -> Bool {
    let scratch = Buffer<Self>(count: symmetricEigenScratchCount(n))
    return symmetricEigen(n, matrix: matrix, eigenvalues: eigenvalues, scratch: scratch.pointer)
  }
}
