import Compute

/// v ← μ v + g, θ ← θ − η v; with Nesterov's momentum θ ← θ − η (g + μ v). Sutskever et al. 2013 in PyTorch's
/// form.
final class StochasticGradientDescent<S: Scalar>: Optimizer {
  private let momentum: S
  private let nesterov: Bool
  private let velocity: Buffer<S>?

  /// For `count` parameters; without momentum there is no state.
  init(count: Int, momentum: Double, nesterov: Bool) {
    self.momentum = S(momentum)
    self.nesterov = nesterov
    velocity = momentum == 0 ? nil : Buffer(count: count)
  }

  func step(parameters: Buffer<S>, gradient: Buffer<S>, loss: Double, rate: Double) {
    S.updateSGD(
      parameters.count, rate: S(rate), momentum: momentum, decay: 0, nesterov: nesterov,
      gradient: gradient.pointer, velocity: velocity?.pointer, parameters: parameters.pointer)
  }

  var vectors: [Buffer<S>] { velocity.map { [$0] } ?? [] }

  func reset() { velocity?.clear() }
}
