import Compute

/// M ← μ M + G, W ← W − 0.2 η √max(rows, columns) · orthogonal(G + μ M) for every weight matrix, Adam for all
/// other parameters. Jordan et al. 2024; the factor 0.2 √max gives a step the root mean square of Adam's, so
/// that one learning rate serves both (Liu et al. 2025).
///
/// orthogonal(X) is X's nearest (semi-)orthogonal matrix, roughly: `iterations` Newton–Schulz steps
/// X ← a X + (b A + c A²) X, A = X Xᵀ, from X / ‖X‖_F.
final class Muon<S: Scalar>: Optimizer {
  private let matrices: [MatrixView]
  private let ranges: [Range<Int>]
  private let momentum: S
  private let iterations: Int
  private let velocity: Buffer<S>
  private let adam: Adam<S>
  private let x: Buffer<S>
  private let next: Buffer<S>
  private let gram: Buffer<S>
  private let polynomial: Buffer<S>

  /// For `count` parameters, of which those in weight matrices of `matrices` are orthogonalised.
  init(count: Int, matrices: [MatrixView], momentum: Double, iterations: Int) {
    self.matrices = matrices.filter { $0.isWeight && $0.rows > 1 && $0.columns > 1 }
    self.momentum = S(momentum)
    self.iterations = iterations
    velocity = Buffer(count: count)
    adam = Adam(count: count, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
    let largest = self.matrices.map(\.count).max() ?? 0
    let side = self.matrices.map { min($0.rows, $0.columns) }.max() ?? 0
    x = Buffer(count: largest)
    next = Buffer(count: largest)
    gram = Buffer(count: side * side)
    polynomial = Buffer(count: side * side)
    // The stretches between the matrices.
    var rest: [Range<Int>] = []
    var end = 0
    for matrix in self.matrices.sorted(by: { $0.offset < $1.offset }) {
      if matrix.offset > end { rest.append(end..<matrix.offset) }
      end = matrix.offset + matrix.count
    }
    if end < count { rest.append(end..<count) }
    ranges = rest
  }

  func step(parameters: Buffer<S>, gradient: Buffer<S>, loss: Double, rate: Double) {
    for (i, range) in ranges.enumerated() {
      adam.step(
        offset: range.lowerBound, count: range.count, parameters: parameters, gradient: gradient, rate: rate,
        first: i == 0)
    }
    for matrix in matrices {
      let m = velocity.pointer + matrix.offset
      let g = gradient.pointer + matrix.offset
      S.combine(matrix.count, momentum, m, 1, g, m)
      S.combine(matrix.count, momentum, m, 1, g, x.pointer)
      orthogonalize(rows: matrix.rows, columns: matrix.columns)
      let scale = 0.2 * rate * Double(max(matrix.rows, matrix.columns)).squareRoot()
      S.addScaled(matrix.count, S(-scale), x.pointer, parameters.pointer + matrix.offset)
    }
  }

  /// x (rows, columns) ← Newton–Schulz of x, with products on its shorter side.
  private func orthogonalize(rows: Int, columns: Int) {
    let count = rows * columns
    let norm = S.norm(count, x.pointer)
    S.scale(count, S(1 / (norm + 1e-7)), x.pointer, x.pointer)
    let (a, b, c): (S, S, S) = (3.4445, -4.7750, 2.0315)
    let side = min(rows, columns)
    let isWide = rows <= columns
    for _ in 0..<iterations {
      // gram = X Xᵀ (or XᵀX), polynomial = b · gram + c · gram²
      S.multiplyMatrices(
        transposeA: !isWide, transposeB: isWide, m: side, n: side, k: max(rows, columns), alpha: 1,
        a: x.pointer, strideA: columns, b: x.pointer, strideB: columns, beta: 0, c: gram.pointer,
        strideC: side)
      polynomial.pointer.update(from: gram.pointer, count: side * side)
      S.multiplyMatrices(
        transposeA: false, transposeB: false, m: side, n: side, k: side, alpha: c, a: gram.pointer,
        strideA: side, b: gram.pointer, strideB: side, beta: b, c: polynomial.pointer, strideC: side)
      next.pointer.update(from: x.pointer, count: count)
      S.multiplyMatrices(
        transposeA: false, transposeB: false, m: rows, n: columns, k: side, alpha: 1,
        a: isWide ? polynomial.pointer : x.pointer, strideA: isWide ? side : columns,
        b: isWide ? x.pointer : polynomial.pointer, strideB: isWide ? columns : side, beta: a,
        c: next.pointer, strideC: columns)
      x.pointer.update(from: next.pointer, count: count)
    }
  }

  var vectors: [Buffer<S>] { [velocity] + adam.vectors }

  var numbers: [Double] {
    get { adam.numbers }
    set { adam.numbers = newValue }
  }

  func reset() {
    velocity.clear()
    adam.reset()
  }
}

/// `muon`: momentum orthogonalised for weight matrices, Adam for the rest.
package struct MuonDefinition: OptimizerDefinition {
  package static let name = "muon"
  package static let summary =
    "Momentum orthogonalised by Newton–Schulz iterations for weight matrices, Adam for the rest (Jordan et al. 2024)."
  package static let options: [OptionDeclaration] = [
    .number("momentum", .from(0, below: 1), default: 0.95, "What is kept of the last step."),
    .integer("iterations", 1...20, default: 5, "Newton–Schulz iterations."),
  ]
  package static let usualLearningRate: UsualLearningRate? = .fixed(0.02)

  private let momentum: Double
  private let iterations: Int

  package init(_ values: OptionValues) {
    momentum = values.number("momentum")
    iterations = values.integer("iterations")
  }

  package var values: OptionValues { ["momentum": .number(momentum), "iterations": .integer(iterations)] }

  package func makeOptimizer<S: Scalar>(
    count: Int, matrices: [MatrixView], as type: S.Type
  ) -> any Optimizer<S> {
    Muon<S>(count: count, matrices: matrices, momentum: momentum, iterations: iterations)
  }

  package func stateCount<S: Scalar>(count: Int, matrices: [MatrixView], as type: S.Type) -> Int {
    let weights = matrices.filter { $0.isWeight && $0.rows > 1 && $0.columns > 1 }
    let side = weights.map { min($0.rows, $0.columns) }.max() ?? 0
    return 3 * count + 2 * (weights.map(\.count).max() ?? 0) + 2 * side * side
  }
}

extension OptimizerKind {
  package static func muon(momentum: Double = 0.95, iterations: Int = 5) -> OptimizerKind {
    OptimizerKind(MuonDefinition(["momentum": .number(momentum), "iterations": .integer(iterations)]))
  }
}
