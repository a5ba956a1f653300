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
