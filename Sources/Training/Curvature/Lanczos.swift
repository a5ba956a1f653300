import Compute

/// One end of a spectrum.
package struct ExtremePair: Sendable, Hashable {
  /// θ, the Ritz value.
  package var value: Double
  /// ‖A v − θ v‖₂: an eigenvalue lies within it of θ.
  package var residual: Double
}

/// What a Lanczos run found.
package struct LanczosResult: Sendable {
  /// The smallest eigenvalue.
  package var smallest: ExtremePair
  package var largest: ExtremePair
  /// Products with the operator.
  package var steps: Int
  /// The residual that counted as converged: the given relative one times the largest |θ|.
  package var residualTolerance: Double
  /// Whether both residuals are within it.
  package var converged: Bool
  /// The unit vector of the smallest eigenvalue.
  package var smallestVector: Buffer<Double>
}

/// The extreme eigenvalues of a symmetric operator by the Lanczos process with full reorthogonalisation
/// (Golub and Van Loan, section 10.3): A Q = Q T + r eᵀ with orthonormal Q, so that the extreme eigenvalues of
/// the tridiagonal T approach those of A, and |r| times the last entry of T's eigenvector is the residual.
///
/// The basis is kept: 8 · size · steps bytes.
package struct Lanczos: Sendable {
  /// Steps at most.
  package var maximumSteps: Int
  /// Steps before convergence is looked for, so that a small residual of an inner eigenvalue isn't taken for
  /// that of an end.
  package var minimumSteps: Int
  /// Bound of the residuals relative to the largest |θ|.
  package var relativeResidual: Double
  /// Bytes that the basis may take, which lowers `maximumSteps` for large operators.
  package var memoryLimit: Int

  /// A run of at most `maximumSteps` steps.
  package init(
    maximumSteps: Int = 400, minimumSteps: Int = 40, relativeResidual: Double = 1e-4,
    memoryLimit: Int = 1 << 29
  ) {
    self.maximumSteps = maximumSteps
    self.minimumSteps = minimumSteps
    self.relativeResidual = relativeResidual
    self.memoryLimit = memoryLimit
  }

  /// Steps that a run on an operator of this size may make.
  package func stepLimit(size: Int) -> Int {
    min(size, maximumSteps, max(2, memoryLimit / (8 * max(1, size))))
  }

  /// Runs from the random vector of `stream`. Nil if the operator ended the run or a product isn't finite.
  package func run(_ matrix: some SymmetricOperator, stream: RandomStream) -> LanczosResult? {
    let size = matrix.size
    precondition(size >= 1, "an empty operator has no eigenvalues")
    let limit = stepLimit(size: size)
    let basis = LanczosBasis(size: size)
    let vector = Buffer<Double>(count: size)
    let product = Buffer<Double>(count: size)
    var stream = stream
    for i in 0..<size { vector.pointer[i] = stream.normal() }
    Double.scale(size, 1 / vector.norm, vector.pointer, vector.pointer)

    var diagonal: [Double] = []
    var offDiagonal: [Double] = []
    var scale = 0.0
    while true {
      basis.append(vector)
      guard matrix.multiply(vector, into: product) else { return nil }
      diagonal.append(Double.dot(size, vector.pointer, product.pointer))
      basis.orthogonalize(product)
      let rest = product.norm
      guard rest.isFinite, diagonal[diagonal.count - 1].isFinite else { return nil }
      scale = max(scale, abs(diagonal[diagonal.count - 1]) + rest)
      let steps = diagonal.count
      // An invariant subspace: a random start has a part in every eigenspace, so both ends are in it.
      let isComplete = steps == size || rest <= 1e-14 * scale
      if isComplete || steps == limit || (steps >= minimumSteps && steps % 5 == 0) {
        let ritz = RitzPairs(diagonal: diagonal, offDiagonal: offDiagonal, rest: isComplete ? 0 : rest)
        guard let ritz else { return nil }
        let tolerance = relativeResidual * max(abs(ritz.smallest.value), abs(ritz.largest.value))
        let converged = ritz.smallest.residual <= tolerance && ritz.largest.residual <= tolerance
        if converged || isComplete || steps == limit {
          return LanczosResult(
            smallest: ritz.smallest, largest: ritz.largest, steps: steps, residualTolerance: tolerance,
            converged: converged || isComplete,
            smallestVector: basis.combine(ritz.smallestVector))
        }
      }
      offDiagonal.append(rest)
      Double.scale(size, 1 / rest, product.pointer, vector.pointer)
    }
  }
}

/// The orthonormal vectors so far, one a row, in blocks that are made as they are needed: few runs go to their
/// limit.
private final class LanczosBasis {
  private static let blockRows = 40
  private let size: Int
  private let coefficients = Buffer<Double>(count: LanczosBasis.blockRows)
  private var blocks: [Buffer<Double>] = []
  private var count = 0

  init(size: Int) { self.size = size }

  func append(_ vector: Buffer<Double>) {
    if count == blocks.count * Self.blockRows { blocks.append(Buffer(count: size * Self.blockRows)) }
    let row = count % Self.blockRows
    (blocks[blocks.count - 1].pointer + row * size).update(from: vector.pointer, count: size)
    count += 1
  }

  private func rows(of block: Int) -> Int { min(Self.blockRows, count - block * Self.blockRows) }

  /// x ← x − QᵀQ x, twice ("twice is enough": Parlett 1980, section 6.9), block by block.
  func orthogonalize(_ x: Buffer<Double>) {
    for _ in 0..<2 {
      for (i, block) in blocks.enumerated() {
        Double.multiplyVector(
          transpose: false, rows: rows(of: i), columns: size, alpha: 1, a: block.pointer, strideA: size,
          x: x.pointer, beta: 0, y: coefficients.pointer)
        Double.multiplyVector(
          transpose: true, rows: rows(of: i), columns: size, alpha: -1, a: block.pointer, strideA: size,
          x: coefficients.pointer, beta: 1, y: x.pointer)
      }
    }
  }

  /// Qᵀ y, of unit length.
  func combine(_ y: [Double]) -> Buffer<Double> {
    let result = Buffer<Double>(count: size)
    for (i, block) in blocks.enumerated() {
      for row in 0..<rows(of: i) {
        Double.addScaled(size, y[i * Self.blockRows + row], block.pointer + row * size, result.pointer)
      }
    }
    Double.scale(size, 1 / result.norm, result.pointer, result.pointer)
    return result
  }
}

/// The ends of the tridiagonal matrix's spectrum.
private struct RitzPairs {
  let smallest: ExtremePair
  let largest: ExtremePair
  let smallestVector: [Double]

  init?(diagonal: [Double], offDiagonal: [Double], rest: Double) {
    let n = diagonal.count
    let values = Buffer(diagonal)
    let beside = Buffer<Double>(count: max(1, n))
    for i in 0..<offDiagonal.count { beside[i] = offDiagonal[i] }
    let vectors = Buffer<Double>(count: n * n)
    guard
      Double.tridiagonalEigen(
        n, diagonal: values.pointer, offDiagonal: beside.pointer, vectors: vectors.pointer)
    else { return nil }
    smallest = ExtremePair(value: values[0], residual: rest * abs(vectors[n - 1]))
    largest = ExtremePair(value: values[n - 1], residual: rest * abs(vectors[n * n - 1]))
    smallestVector = (0..<n).map { vectors[$0] }
  }
}
