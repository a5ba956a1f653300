/// The learning rate over the steps, as a factor of its start: a linear warm-up times a decay.
package struct Schedule: Sendable, Hashable, Codable {
  /// Steps over which the factor rises linearly to 1; 0 for none.
  package var warmupSteps: Int
  /// What follows, or runs beneath, the warm-up.
  package var decay: Decay

  /// A schedule of `decay` with `warmupSteps` steps of warm-up.
  package init(_ decay: Decay, warmupSteps: Int = 0) {
    self.decay = decay
    self.warmupSteps = warmupSteps
  }

  /// The learning rate stays as it starts.
  package static let constant = Schedule(.constant)

  /// How the factor falls.
  package enum Decay: Sendable, Hashable, Codable {
    /// 1 throughout.
    case constant
    /// Half a cosine from 1 to the minimum.
    case cosine(CosineDecay)
    /// Multiplied at equal intervals.
    case step(StepDecay)
    /// Multiplied when the loss stops falling.
    case plateau(PlateauDecay)
  }
}

/// factor(t) = minimum + (1 − minimum) · (1 + cos(π t / period)) / 2 up to `period`, then the minimum
/// (Loshchilov and Hutter 2017, without restarts).
package struct CosineDecay: Sendable, Hashable, Codable {
  /// Steps to the minimum; nil for the procedure's `maxSteps`.
  package var period: Int?
  /// The factor at the end. Below 1 % the loss window no longer counts (see `ConvergenceCriteria`).
  package var minimum: Double

  /// Half a cosine over `period` steps down to `minimum`.
  package init(period: Int? = nil, minimum: Double = 1e-4) {
    self.period = period
    self.minimum = minimum
  }
}

/// factor(t) = max(minimum, factor^⌊t / every⌋).
package struct StepDecay: Sendable, Hashable, Codable {
  /// Steps between two reductions; nil for a third of the procedure's `maxSteps`.
  package var every: Int?
  /// What one reduction multiplies by.
  package var factor: Double
  /// The factor's floor.
  package var minimum: Double

  /// Reductions by `factor` every `every` steps down to `minimum`.
  package init(every: Int? = nil, factor: Double = 0.1, minimum: Double = 1e-4) {
    self.every = every
    self.factor = factor
    self.minimum = minimum
  }
}

/// When the mean loss of an epoch has not fallen below (1 − threshold) · best for `patience` steps (and at
/// least two epochs), the factor is multiplied by `factor`, down to `minimum`, and the patience starts anew.
/// Counted in steps because an epoch of a small probe is one step.
package struct PlateauDecay: Sendable, Hashable, Codable {
  /// What one reduction multiplies by.
  package var factor: Double
  /// Steps without improvement that are borne.
  package var patience: Int
  /// The relative improvement that counts.
  package var threshold: Double
  /// The factor's floor. Noise of minibatches falls with the rate, so that a probe which has settled can become
  /// stationary on the way there.
  package var minimum: Double

  /// Reductions by `factor` after `patience` steps without a relative improvement of `threshold`.
  package init(factor: Double = 0.5, patience: Int = 500, threshold: Double = 0.001, minimum: Double = 1e-4) {
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.minimum = minimum
  }
}
