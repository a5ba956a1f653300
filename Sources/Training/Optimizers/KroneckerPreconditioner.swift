import Compute
import Foundation

/// One tensor of Shampoo: its two factors, their inverse fourth roots and scratch for the product between them.
final class KroneckerPreconditioner<S: Scalar> {
  private let view: MatrixView
  private let left: KroneckerFactor<S>
  private let right: KroneckerFactor<S>
  /// Diagonal AdaGrad's sums for a vector.
  private let squares: Buffer<S>?
  private let epsilon: S
  private let half: Buffer<S>

  init(view: MatrixView, epsilon: Double, largestFactor: Int) {
    self.view = view
    self.epsilon = S(epsilon)
    let isMatrix = view.rows > 1 && view.columns > 1
    left = KroneckerFactor(size: isMatrix ? view.rows : 0, isFull: view.rows <= largestFactor)
    right = KroneckerFactor(size: isMatrix ? view.columns : 0, isFull: view.columns <= largestFactor)
    squares = isMatrix ? nil : Buffer(count: view.count)
    half = Buffer(count: isMatrix ? view.count : 0)
    reset()
  }

  /// The sides that are whole factors.
  var fullSides: [Int] { left.fullSides + right.fullSides }

  /// With scratch of `KroneckerFactor.scratchCount` of the largest side the roots are made anew.
  func step(parameters: Buffer<S>, gradient: Buffer<S>, rate: S, refreshing scratch: Buffer<Double>?) {
    let g = gradient.pointer + view.offset
    let w = parameters.pointer + view.offset
    if let squares {
      S.updateAdagrad(view.count, rate: rate, gradient: g, squares: squares.pointer, parameters: w)
      return
    }
    left.accumulate(g, rows: view.rows, columns: view.columns, ofRows: true)
    right.accumulate(g, rows: view.rows, columns: view.columns, ofRows: false)
    if let scratch {
      left.refresh(scratch)
      right.refresh(scratch)
    }
    left.multiply(g, rows: view.rows, columns: view.columns, fromLeft: true, into: half.pointer)
    right.multiply(half.pointer, rows: view.rows, columns: view.columns, fromLeft: false, into: g)
    S.addScaled(view.count, -rate, g, w)
  }

  var vectors: [Buffer<S>] {
    if let squares { return [squares] }
    return left.vectors + right.vectors
  }

  func reset() {
    if let squares { S.fill(squares.count, epsilon, squares.pointer) }
    left.reset(epsilon: epsilon)
    right.reset(epsilon: epsilon)
  }
}

/// One side's factor, Σ G Gᵀ + ε I or its diagonal, and its power −1/4.
final class KroneckerFactor<S: Scalar> {
  private let size: Int
  private let isFull: Bool
  private let factor: Buffer<S>
  private let root: Buffer<S>
  // The eigendecomposition is made in double precision: in single, small eigenvalues of a factor drown in the
  // rounding of large ones, and their power −1/4 with them.
  private let eigenvectors: Buffer<Double>
  private let eigenvalues: Buffer<Double>
  private let scaled: Buffer<Double>
  private let product: Buffer<Double>

  init(size: Int, isFull: Bool) {
    self.size = size
    self.isFull = isFull
    let count = isFull ? size * size : size
    factor = Buffer(count: count)
    root = Buffer(count: count)
    eigenvectors = Buffer(count: isFull ? count : 0)
    scaled = Buffer(count: isFull ? count : 0)
    product = Buffer(count: isFull ? count : 0)
    eigenvalues = Buffer(count: isFull ? size : 0)
  }

  var fullSides: [Int] { isFull ? [size] : [] }

  func reset(epsilon: S) {
    factor.clear()
    for i in 0..<size { factor[isFull ? i * size + i : i] = epsilon }
  }

  /// Adds G Gᵀ (`ofRows`) or GᵀG, G (rows, columns).
  func accumulate(_ g: UnsafePointer<S>, rows: Int, columns: Int, ofRows: Bool) {
    if isFull {
      S.multiplyByOwnTranspose(
        transpose: !ofRows, n: size, k: ofRows ? columns : rows, alpha: 1, a: g, strideA: columns, beta: 1,
        c: factor.pointer, strideC: size)
    } else if ofRows {
      for row in 0..<rows {
        factor.pointer[row] += S(S.dot(columns, g + row * columns, g + row * columns))
      }
    } else {
      S.columnProducts(rows, columns, g, g, 1, factor.pointer)
    }
  }

  /// Elements of the scratch that a refresh needs.
  static func scratchCount(size: Int) -> Int { Double.symmetricEigenScratchCount(size) }

  /// root ← factor^(−1/4), by V diag(λ^(−1/4)) Vᵀ.
  func refresh(_ scratch: Buffer<Double>) {
    guard isFull else { return }
    S.widen(factor.count, factor.pointer, eigenvectors.pointer)
    guard
      Double.symmetricEigen(
        size, matrix: eigenvectors.pointer, eigenvalues: eigenvalues.pointer, scratch: scratch.pointer)
    else { return }
    let floor = max(eigenvalues[size - 1] * 1e-14, .leastNormalMagnitude)
    for i in 0..<size {
      let power = pow(max(eigenvalues[i], floor), -0.25)
      Double.scale(size, power, eigenvectors.pointer + i * size, scaled.pointer + i * size)
    }
    Double.multiplyMatrices(
      transposeA: true, transposeB: false, m: size, n: size, k: size, alpha: 1, a: scaled.pointer,
      strideA: size, b: eigenvectors.pointer, strideB: size, beta: 0, c: product.pointer, strideC: size)
    S.narrow(root.count, product.pointer, root.pointer)
  }

  /// result (rows, columns) = root · x (`fromLeft`) or x · root.
  func multiply(
    _ x: UnsafePointer<S>, rows: Int, columns: Int, fromLeft: Bool, into result: UnsafeMutablePointer<S>
  ) {
    if isFull {
      S.multiplyMatrices(
        transposeA: false, transposeB: false, m: rows, n: columns, k: size, alpha: 1,
        a: fromLeft ? UnsafePointer(root.pointer) : x, strideA: size,
        b: fromLeft ? x : UnsafePointer(root.pointer), strideB: columns, beta: 0, c: result,
        strideC: columns)
      return
    }
    for i in 0..<size { root.pointer[i] = 1 / factor.pointer[i].squareRoot().squareRoot() }
    for row in 0..<rows {
      if fromLeft {
        S.scale(columns, root.pointer[row], x + row * columns, result + row * columns)
      } else {
        S.multiply(columns, x + row * columns, root.pointer, result + row * columns)
      }
    }
  }

  var vectors: [Buffer<S>] { isFull ? [factor, root] : [factor] }
}
