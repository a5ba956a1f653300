import CKernels
import COpenBLAS

// Row major to BLAS is column major of the transpose to LAPACK: a symmetric matrix is the same in both, its upper
// triangle is LAPACK's lower one, and LAPACK's eigenvector columns are rows here.
extension Double: LinearAlgebra {
  /// C (m, n) = alpha · op(A) (m, k) · op(B) (k, n) + beta · C; with beta 0, C is only written.
  package static func multiplyMatrices(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Self, a: UnsafePointer<Self>,
    strideA: Int, b: UnsafePointer<Self>, strideB: Int, beta: Self, c: UnsafeMutablePointer<Self>,
    strideC: Int
  ) {
    if Tiles.isFaster(m: m, n: n, k: k), alpha == 1, beta == 0 || beta == 1 {
      emc_multiply_matrices_f64(
        transposeA ? 1 : 0, transposeB ? 1 : 0, m, n, k, a, strideA, b, strideB, beta == 1 ? 1 : 0, c, strideC
      )
      return
    }
    cblas_dgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a, blasint(strideA), b, blasint(strideB), beta, c,
      blasint(strideC))
  }

  /// y = alpha · op(A) x + beta · y, A (rows, columns).
  package static func multiplyVector(
    transpose: Bool, rows: Int, columns: Int, alpha: Self, a: UnsafePointer<Self>, strideA: Int,
    x: UnsafePointer<Self>, beta: Self, y: UnsafeMutablePointer<Self>
  ) {
    cblas_dgemv(
      CblasRowMajor, transpose ? CblasTrans : CblasNoTrans, blasint(rows), blasint(columns), alpha, a,
      blasint(strideA), x, 1, beta, y, 1)
  }

  /// C (n, n) = alpha · A Aᵀ + beta · C, A (n, k), or with `transpose` A (k, n) and C = alpha · AᵀA + beta · C.
  /// Only the upper triangle of C is read and written.
  package static func multiplyByOwnTranspose(
    transpose: Bool, n: Int, k: Int, alpha: Self, a: UnsafePointer<Self>, strideA: Int, beta: Self,
    c: UnsafeMutablePointer<Self>, strideC: Int
  ) {
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, transpose ? CblasTrans : CblasNoTrans, blasint(n), blasint(k), alpha, a,
      blasint(strideA), beta, c, blasint(strideC))
  }

  /// A (rows, columns) += alpha · x yᵀ.
  package static func addOuterProduct(
    rows: Int, columns: Int, alpha: Self, x: UnsafePointer<Self>, y: UnsafePointer<Self>,
    a: UnsafeMutablePointer<Self>, strideA: Int
  ) {
    cblas_dger(CblasRowMajor, blasint(rows), blasint(columns), alpha, x, 1, y, 1, a, blasint(strideA))
  }

  /// B (m, n) ← B · op(L), L (n, n) lower triangular.
  package static func multiplyTriangular(
    transpose: Bool, m: Int, n: Int, l: UnsafePointer<Self>, b: UnsafeMutablePointer<Self>
  ) {
    cblas_dtrmm(
      CblasRowMajor, CblasRight, CblasLower, transpose ? CblasTrans : CblasNoTrans, CblasNonUnit, blasint(m),
      blasint(n), 1, l, blasint(n), b, blasint(n))
  }

  /// B (m, n) ← B · op(L)⁻¹, L (n, n) lower triangular.
  package static func solveTriangular(
    transpose: Bool, m: Int, n: Int, l: UnsafePointer<Self>, b: UnsafeMutablePointer<Self>
  ) {
    cblas_dtrsm(
      CblasRowMajor, CblasRight, CblasLower, transpose ? CblasTrans : CblasNoTrans, CblasNonUnit, blasint(m),
      blasint(n), 1, l, blasint(n), b, blasint(n))
  }

  /// The eigenvalues of the symmetric matrix (n, n), ascending, and in row i of `matrix` the unit eigenvector of
  /// eigenvalue i. Reads the upper triangle. False if LAPACK didn't converge or the matrix isn't finite.
  /// `scratch` has `symmetricEigenScratchCount(n)` elements.
  package static func symmetricEigen(
    _ n: Int, matrix: UnsafeMutablePointer<Self>, eigenvalues: UnsafeMutablePointer<Self>,
    scratch: UnsafeMutablePointer<Self>
  ) -> Bool {
    guard n > 0 else { return true }
    // LAPACK may loop or index wildly on NaN.
    guard isFinite(n * n, matrix) else { return false }
    var order = blasint(n)
    var status: blasint = 0
    var workCount = blasint(1 + 6 * n + 2 * n * n)
    var integerCount = blasint(3 + 5 * n)
    // An integer is no larger than an element.
    (scratch + Int(workCount)).withMemoryRebound(to: blasint.self, capacity: Int(integerCount)) { integers in
      dsyevd_(
        "V", "L", &order, matrix, &order, eigenvalues, scratch, &workCount, integers, &integerCount, &status)
    }
    return status == 0
  }

  /// The eigenvalues of the symmetric tridiagonal matrix, ascending, in `diagonal`; row i of `vectors` (n, n; may be
  /// nil) is the unit eigenvector of eigenvalue i. `offDiagonal` (n − 1) is destroyed.
  package static func tridiagonalEigen(
    _ n: Int, diagonal: UnsafeMutablePointer<Self>, offDiagonal: UnsafeMutablePointer<Self>,
    vectors: UnsafeMutablePointer<Self>?
  ) -> Bool {
    guard n > 0 else { return true }
    guard isFinite(n, diagonal), isFinite(n - 1, offDiagonal) else { return false }
    var order = blasint(n)
    var status: blasint = 0
    let work = Buffer<Self>(count: max(1, 2 * n - 2))
    dstev_(
      vectors == nil ? "N" : "V", &order, diagonal, offDiagonal, vectors ?? work.pointer, &order,
      work.pointer,
      &status)
    return status == 0
  }

  /// The lower Cholesky factor L, A = L Lᵀ, in the lower triangle of A (n, n). False if A isn't positive definite.
  package static func choleskyFactor(_ n: Int, matrix: UnsafeMutablePointer<Self>) -> Bool {
    var order = blasint(n)
    var status: blasint = 0
    dpotrf_("U", &order, matrix, &order, &status)
    return status == 0
  }

  /// x ← A⁻¹ x, given the factor that `choleskyFactor` left.
  package static func choleskySolve(
    _ n: Int, factor: UnsafePointer<Self>, x: UnsafeMutablePointer<Self>
  ) {
    var order = blasint(n)
    var one: blasint = 1
    var status: blasint = 0
    dpotrs_("U", &order, &one, factor, &order, x, &order, &status)
    precondition(status == 0, "the factor's dimension")
  }
}
