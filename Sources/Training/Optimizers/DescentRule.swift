import Compute

/// An optimizer with the regularizers that act on its step: everything between a gradient and moved parameters.
package final class DescentRule<S: Scalar> {
  /// The rule beneath.
  package let optimizer: any Optimizer<S>
  private let regularization: Regularization
  private let unperturbed: Buffer<S>?

  /// `optimizer` for `count` parameters, with `regularization` around it.
  package init(_ optimizer: any Optimizer<S>, regularization: Regularization, count: Int) {
    self.optimizer = optimizer
    self.regularization = regularization
    unperturbed = regularization.sharpnessRadius == 0 ? nil : Buffer(count: count)
  }

  /// Whether the gradient has to be taken a second time, at the ascended parameters.
  package var ascends: Bool { unperturbed != nil }

  /// θ ← θ + ρ g / ‖g‖₂ (Foret et al. 2021, equation 2); `descend` returns to θ.
  package func ascend(_ parameters: Buffer<S>, _ gradient: Buffer<S>) {
    guard let unperturbed else { return }
    unperturbed.copy(from: parameters)
    let norm = gradient.norm
    guard norm > 0 else { return }
    S.addScaled(
      parameters.count, S(regularization.sharpnessRadius / norm), gradient.pointer, parameters.pointer)
  }

  /// Undoes `ascend`.
  package func undoAscent(_ parameters: Buffer<S>) {
    if let unperturbed { parameters.copy(from: unperturbed) }
  }

  /// g ← g + λ θ; returns λ/2 ‖θ‖², the coupled decay's part of the objective.
  package func addCoupledDecay(_ parameters: Buffer<S>, to gradient: Buffer<S>) -> Double {
    let decay = regularization.coupledWeightDecay
    guard decay != 0 else { return 0 }
    S.addScaled(parameters.count, S(decay), parameters.pointer, gradient.pointer)
    return decay / 2 * S.dot(parameters.count, parameters.pointer, parameters.pointer)
  }

  /// One step: clipping, decoupled decay, the optimizer. `gradient` may be used as scratch.
  package func descend(_ parameters: Buffer<S>, _ gradient: Buffer<S>, loss: Double, rate: Double) {
    let clip = regularization.gradientClip
    if clip > 0 {
      let norm = gradient.norm
      if norm > clip { S.scale(gradient.count, S(clip / norm), gradient.pointer, gradient.pointer) }
    }
    if regularization.decoupledWeightDecay != 0 {
      let kept = 1 - rate * regularization.decoupledWeightDecay
      S.scale(parameters.count, S(kept), parameters.pointer, parameters.pointer)
    }
    optimizer.step(parameters: parameters, gradient: gradient, loss: loss, rate: rate)
  }
}
