/// What Adam's update takes besides its vectors; everything that depends on the step alone is computed once.
package struct AdamCoefficients<S: Sendable>: Sendable {
  /// The step's learning rate.
  package var rate: S
  /// Decay of the mean of gradients.
  package var beta1: S
  /// Decay of the mean of squared gradients.
  package var beta2: S
  /// Added to the root.
  package var epsilon: S
  /// Coupled weight decay: added to the gradient.
  package var decay: S
  /// Decoupled weight decay: x ← x·(1 − rate·decoupled).
  package var decoupledDecay: S
  /// 1 − β₁ᵗ.
  package var correction1: S
  /// 1 − β₂ᵗ.
  package var correction2: S

  /// The coefficients of step t.
  package init(
    rate: S, beta1: S, beta2: S, epsilon: S, decay: S, decoupledDecay: S, correction1: S, correction2: S
  ) {
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.decay = decay
    self.decoupledDecay = decoupledDecay
    self.correction1 = correction1
    self.correction2 = correction2
  }
}

/// Optimizers' elementwise updates, each one pass over its vectors.
package protocol UpdateKernels: Sendable {
  /// g' = g + decay·x; v ← momentum·v + g'; x ← x − rate·(nesterov ? g' + momentum·v : v).
  ///
  /// Without a velocity, x ← x − rate·g'.
  static func updateSGD(
    _ count: Int, rate: Self, momentum: Self, decay: Self, nesterov: Bool, gradient: UnsafePointer<Self>,
    velocity: UnsafeMutablePointer<Self>?, parameters: UnsafeMutablePointer<Self>)
  /// m ← β₁m + (1−β₁)g', v ← β₂v + (1−β₂)g'², x ← x·(1 − rate·decoupled) − rate · m̂ / (√v̂ + ε), g' = g + decay·x.
  static func updateAdam(
    _ count: Int, _ coefficients: AdamCoefficients<Self>, gradient: UnsafePointer<Self>,
    first: UnsafeMutablePointer<Self>, second: UnsafeMutablePointer<Self>,
    parameters: UnsafeMutablePointer<Self>)
}
