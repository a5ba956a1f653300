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

/// `sgd`: v ← μ v + g, θ ← θ − η v (Nesterov: θ ← θ − η (g + μ v)).
package struct StochasticGradientDescentDefinition: OptimizerDefinition {
  package static let name = "sgd"
  package static let summary = "Stochastic gradient descent with momentum, as PyTorch has it."
  package static let options: [OptionDeclaration] = [
    .number("momentum", .from(0, below: 1), default: 0.9, "What is kept of the last step."),
    .boolean("nesterov", default: false, "Take the gradient's step from where the momentum leads."),
  ]
  package static let usualLearningRate: UsualLearningRate? = .fixed(0.05)

  private let momentum: Double
  private let nesterov: Bool

  package init(_ values: OptionValues) {
    momentum = values.number("momentum")
    nesterov = values.boolean("nesterov")
  }

  package var values: OptionValues { ["momentum": .number(momentum), "nesterov": .boolean(nesterov)] }

  package var conflict: OptionConflict? {
    nesterov && momentum == 0
      ? OptionConflict(
        option: "nesterov", allowed: "false, or a momentum above 0", detail: "needs a momentum") : nil
  }

  /// 2 (1 + μ) of the heavy ball; Nesterov's has another that depends on the rate.
  package var stabilityLimit: Double? { nesterov ? nil : 2 * (1 + momentum) }

  package func makeOptimizer<S: Scalar>(
    count: Int, matrices: [MatrixView], as type: S.Type
  ) -> any Optimizer<S> {
    StochasticGradientDescent<S>(count: count, momentum: momentum, nesterov: nesterov)
  }

  package func stateCount<S: Scalar>(count: Int, matrices: [MatrixView], as type: S.Type) -> Int {
    momentum == 0 ? 0 : count
  }
}

extension OptimizerKind {
  /// Stochastic gradient descent with momentum.
  package static func sgd(momentum: Double = 0.9, nesterov: Bool = false) -> OptimizerKind {
    OptimizerKind(
      StochasticGradientDescentDefinition(["momentum": .number(momentum), "nesterov": .boolean(nesterov)]))
  }
}
