import Compute

/// L ← L + G Gᵀ, R ← R + GᵀG, W ← W − η L^(−1/4) G R^(−1/4) for every matrix; both factors start at ε I.
/// Gupta, Koren and Singer 2018, Algorithm 1; convolution kernels are matrices of one row for each output.
///
/// The inverse roots are those of the last refresh (every step for `refresh` 1). A vector, and a side with more
/// than `largestFactor` rows, keeps its factor's diagonal alone, whose power is always fresh.
final class Shampoo<S: Scalar>: Optimizer {
  private let tensors: [KroneckerPreconditioner<S>]
  private let refresh: Int
  /// For the refresh of one factor after the other.
  private let scratch: Buffer<Double>
  private var stepsTaken = 0

  /// For the tensors of one flat vector.
  init(matrices: [MatrixView], epsilon: Double, refresh: Int, largestFactor: Int) {
    precondition(refresh >= 1)
    self.refresh = refresh
    tensors = matrices.map {
      KroneckerPreconditioner(view: $0, epsilon: epsilon, largestFactor: largestFactor)
    }
    let largest = tensors.flatMap(\.fullSides).max() ?? 0
    scratch = Buffer(count: KroneckerFactor<S>.scratchCount(size: largest))
  }

  func step(parameters: Buffer<S>, gradient: Buffer<S>, loss: Double, rate: Double) {
    let isRefresh = stepsTaken % refresh == 0
    stepsTaken += 1
    for tensor in tensors {
      tensor.step(
        parameters: parameters, gradient: gradient, rate: S(rate), refreshing: isRefresh ? scratch : nil)
    }
  }

  var vectors: [Buffer<S>] { tensors.flatMap(\.vectors) }

  var numbers: [Double] {
    get { [Double(stepsTaken)] }
    set { stepsTaken = Int(newValue[0]) }
  }

  func reset() {
    for tensor in tensors { tensor.reset() }
    stepsTaken = 0
  }
}

/// `shampoo`: the inverse roots are recomputed every `refresh` steps, and a factor of more than `largest_factor` rows is kept
/// as its diagonal.
package struct ShampooDefinition: OptimizerDefinition {
  package static let name = "shampoo"
  package static let summary = "Shampoo (Gupta, Koren and Singer 2018)."
  package static let options: [OptionDeclaration] = [
    .number("epsilon", .above(0, to: 1), default: 1e-4, "What both factors start with on their diagonals."),
    .integer("refresh", 1...1_000_000, default: 20, "Steps from one inverse root to the next."),
    .integer("largest_factor", 1...8192, default: 512, "Rows beyond which a factor is its diagonal."),
  ]
  package static let usualLearningRate: UsualLearningRate? = .fixed(0.1)

  private let epsilon: Double
  private let refresh: Int
  private let largestFactor: Int

  package init(_ values: OptionValues) {
    epsilon = values.number("epsilon")
    refresh = values.integer("refresh")
    largestFactor = values.integer("largest_factor")
  }

  package var values: OptionValues {
    ["epsilon": .number(epsilon), "refresh": .integer(refresh), "largest_factor": .integer(largestFactor)]
  }

  package func makeOptimizer<S: Scalar>(
    count: Int, matrices: [MatrixView], as type: S.Type
  ) -> any Optimizer<S> {
    Shampoo<S>(matrices: matrices, epsilon: epsilon, refresh: refresh, largestFactor: largestFactor)
  }

  package func stateCount<S: Scalar>(count: Int, matrices: [MatrixView], as type: S.Type) -> Int {
    let doubles = 8 / S.bytes
    // Scratch for the largest factor's eigenvectors.
    let sides = matrices.filter { $0.rows > 1 && $0.columns > 1 }.flatMap { [$0.rows, $0.columns] }
    let largest = sides.filter { $0 <= largestFactor }.max() ?? 0
    return matrices.reduce(Double.symmetricEigenScratchCount(largest) * doubles) { sum, view in
      guard view.rows > 1, view.columns > 1 else { return sum + view.count }
      return [view.rows, view.columns].reduce(sum + view.count) { sum, side in
        side <= largestFactor ? sum + side * side * (2 + 3 * doubles) : sum + 2 * side
      }
    }
  }
}

extension OptimizerKind {
  package static func shampoo(
    epsilon: Double = 1e-4, refresh: Int = 20, largestFactor: Int = 512
  ) -> OptimizerKind {
    OptimizerKind(
      ShampooDefinition([
        "epsilon": .number(epsilon), "refresh": .integer(refresh), "largest_factor": .integer(largestFactor),
      ]))
  }
}
