import CKernels

extension Double: UpdateKernels {
  /// g' = g + decay·x; v ← momentum·v + g'; x ← x − rate·(nesterov ? g' + momentum·v : v).
  ///
  /// Without a velocity, x ← x − rate·g'.
  package static func updateSGD(
    _ count: Int, rate: Self, momentum: Self, decay: Self, nesterov: Bool, gradient: UnsafePointer<Self>,
    velocity: UnsafeMutablePointer<Self>?, parameters: UnsafeMutablePointer<Self>
  ) {
    emc_update_sgd_f64(count, rate, momentum, decay, nesterov ? 1 : 0, gradient, velocity, parameters)
  }

  /// m ← β₁m + (1−β₁)g', v ← β₂v + (1−β₂)g'², x ← x·(1 − rate·decoupled) − rate · m̂ / (√v̂ + ε), g' = g + decay·x.
  package static func updateAdam(
    _ count: Int, _ coefficients: AdamCoefficients<Self>, gradient: UnsafePointer<Self>,
    first: UnsafeMutablePointer<Self>, second: UnsafeMutablePointer<Self>,
    parameters: UnsafeMutablePointer<Self>
  ) {
    let c = coefficients
    emc_update_adam_f64(
      count, c.rate, c.beta1, c.beta2, c.epsilon, c.decay, c.decoupledDecay, c.correction1, c.correction2,
      gradient, first, second, parameters)
  }
}
