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
