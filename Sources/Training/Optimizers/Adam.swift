import Compute
import Foundation

/// m ← β₁ m + (1 − β₁) g, s ← β₂ s + (1 − β₂) g², θ ← θ − η m̂ / (√ŝ + ε) with m̂ = m / (1 − β₁ᵗ) and
/// ŝ = s / (1 − β₂ᵗ). Kingma and Ba 2015.
final class Adam<S: Scalar>: Optimizer {
  private let beta1: Double
  private let beta2: Double
  private let epsilon: Double
  private let mean: Buffer<S>
  private let square: Buffer<S>
  private var stepsTaken = 0

  /// For `count` parameters.
  init(count: Int, beta1: Double, beta2: Double, epsilon: Double) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    mean = Buffer(count: count)
    square = Buffer(count: count)
  }

  func step(parameters: Buffer<S>, gradient: Buffer<S>, loss: Double, rate: Double) {
    step(
      offset: 0, count: parameters.count, parameters: parameters, gradient: gradient, rate: rate, first: true)
  }

  /// Moves `count` parameters from `offset` on; `first` for the first range of a step.
  func step(
    offset: Int, count: Int, parameters: Buffer<S>, gradient: Buffer<S>, rate: Double, first: Bool
  ) {
    if first { stepsTaken += 1 }
    let coefficients = AdamCoefficients<S>(
      rate: S(rate), beta1: S(beta1), beta2: S(beta2), epsilon: S(epsilon), decay: 0, decoupledDecay: 0,
      correction1: S(1 - pow(beta1, Double(stepsTaken))), correction2: S(1 - pow(beta2, Double(stepsTaken))))
    S.updateAdam(
      count, coefficients, gradient: gradient.pointer + offset, first: mean.pointer + offset,
      second: square.pointer + offset, parameters: parameters.pointer + offset)
  }

  var vectors: [Buffer<S>] { [mean, square] }

  var numbers: [Double] {
    get { [Double(stepsTaken)] }
    set { stepsTaken = Int(newValue[0]) }
  }

  func reset() {
    mean.clear()
    square.clear()
    stepsTaken = 0
  }
}

/// `adam`, with bias correction.
package struct AdamDefinition: OptimizerDefinition {
  package static let name = "adam"
  package static let summary = "Adam with bias correction (Kingma and Ba 2015)."
  package static let options: [OptionDeclaration] = [
    .number("beta1", .from(0, below: 1), default: 0.9, "The decay of the gradient's mean."),
    .number("beta2", .from(0, below: 1), default: 0.999, "The decay of the mean of its square."),
    .number("epsilon", .above(0, to: 1), default: 1e-8, "Added to the root of that mean."),
  ]
  /// Near the best of other rates and rules on linear models, perceptrons, convolutions and transformers (`Benchmarks/defaults`).
  package static let usualLearningRate: UsualLearningRate? = .byWidestLayer(part: 0.09, most: 0.02)

  private let beta1: Double
  private let beta2: Double
  private let epsilon: Double

  package init(_ values: OptionValues) {
    beta1 = values.number("beta1")
    beta2 = values.number("beta2")
    epsilon = values.number("epsilon")
  }

  package var values: OptionValues {
    ["beta1": .number(beta1), "beta2": .number(beta2), "epsilon": .number(epsilon)]
  }

  package func makeOptimizer<S: Scalar>(
    count: Int, matrices: [MatrixView], as type: S.Type
  ) -> any Optimizer<S> {
    Adam<S>(count: count, beta1: beta1, beta2: beta2, epsilon: epsilon)
  }

  package func stateCount<S: Scalar>(count: Int, matrices: [MatrixView], as type: S.Type) -> Int {
    2 * count
  }
}

extension OptimizerKind {
  package static func adam(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) -> OptimizerKind {
    OptimizerKind(
      AdamDefinition(["beta1": .number(beta1), "beta2": .number(beta2), "epsilon": .number(epsilon)]))
  }
}
