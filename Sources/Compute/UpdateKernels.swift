/// What Adam's update takes besides its vectors; everything that depends on the step alone is computed once.
public struct AdamCoefficients<S: Sendable>: Sendable {
  /// The step's learning rate.
  public var rate: S
  /// Decay of the mean of gradients.
  public var beta1: S
  /// Decay of the mean of squared gradients.
  public var beta2: S
  /// Added to the root.
  public var epsilon: S
  /// Coupled weight decay: added to the gradient.
  public var decay: S
  /// Decoupled weight decay: x ← x·(1 − rate·decoupled).
  public var decoupledDecay: S
  /// 1 − β₁ᵗ.
  public var correction1: S
  /// 1 − β₂ᵗ.
  public var correction2: S

  /// The coefficients of step t.
  public init(
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
public protocol UpdateKernels: Sendable {
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
