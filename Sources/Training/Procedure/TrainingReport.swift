/// What a probe's training depends on beside the specification: keys every random choice.
package struct ProbeKey: Sendable, Hashable, Codable {
  /// The measurement's seed.
  package var seed: UInt64
  /// The size of the training set.
  package var samples: Int
  /// Which of the repetitions with this size.
  package var replicate: Int

  /// The key of replicate `replicate` of size `samples`.
  package init(seed: UInt64, samples: Int, replicate: Int) {
    self.seed = seed
    self.samples = samples
    self.replicate = replicate
  }
}

/// How a probe ended.
package enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
  /// Every sample's own logit was strictly the largest, but for the training error that is allowed.
  case fit
  /// A verified minimum below 100 %.
  case minimum
  /// Stationary, with a negative eigenvalue.
  case saddle
  /// The steps were spent, or no verdict was possible (see the report's reason).
  case budget
  /// The loss or the gradient was not finite.
  case diverged
}

/// A probe's end and everything measured there. Numbers that are not finite stay as they are.
package struct TrainingReport: Sendable, Hashable, Codable {
  /// How it ended.
  package var outcome: Outcome
  /// Why, where the outcome alone doesn't say: `unverifiable: …`, `lanczos_not_converged`, …
  package var reason: String?
  /// The checks that a stationary point was put to: `gradient_norm`, `loss_change`, `negative_curvature`, `drift`.
  package var checks: [String]
  /// Samples whose own logit is strictly the largest, as a fraction of all, at the final parameters.
  package var trainingAccuracy: Double
  /// The objective over all samples: mean cross-entropy (smoothed labels, if any) + λ/2 ‖θ‖².
  package var loss: Double
  /// ‖g‖₂ of the objective over all samples.
  package var gradientNorm: Double
  /// ‖g‖₂ / r, r the mean over samples of ‖softmax − target‖₂.
  package var relativeGradientNorm: Double
  /// |m₂ − m₁| / |m₁| of the last two loss windows; nil before there were two.
  package var lossChange: Double?
  /// The learning rate at the start; nil for a rule that has none.
  package var learningRate: Double?
  /// Steps taken.
  package var steps: Int
  /// Epochs ended.
  package var epochs: Int
  /// Variables that were trained: the parameters, or the subspace's dimension.
  package var variableCount: Int
  /// Saddles that training was made to leave.
  package var saddlesLeft: Int
  /// The last look at the Hessian, where one was taken.
  package var curvature: CurvatureReport?
  /// The last stage, where one was made.
  package var finish: FinishReport?
  /// Levels of training error with the steps at which each was first reached, the largest first.
  package var reached: [ReachedLevel]
  /// Loss and accuracy over the steps.
  package var curve: TrainingCurve
  /// What the guard against drift saw last, where a point was stationary.
  package var drift: DriftReport?
  /// What a failed probe shows of why it failed, the gravest first; nothing of one that fits.
  package var findings: [Finding]
}

/// The Hessian's extreme eigenvalues at a stationary point, as Lanczos found them.
package struct CurvatureReport: Sendable, Hashable, Codable {
  /// λ_min and λ_max.
  package var smallest: Double
  /// λ_max.
  package var largest: Double
  /// ‖H v − λ v‖₂ of the two.
  package var smallestResidual: Double
  /// As above, of the largest.
  package var largestResidual: Double
  /// The residual that counts as converged.
  package var residualTolerance: Double
  /// ε of the criterion λ_min ≥ −ε·|λ_max|.
  package var tolerance: Double
  /// Lanczos steps.
  package var steps: Int
  /// Whether both residuals are within the tolerance; if not there is no verdict.
  package var converged: Bool
  /// Samples that the Hessian was taken over.
  package var samples: Int
  /// Samples in the longest batch of the fixed partition over which training-mode statistics are taken; nil without
  /// batch norm.
  package var partition: Int?

  /// λ_min < −ε·|λ_max|
  package var isSaddle: Bool { smallest < -tolerance * abs(largest) }
}

/// How far a probe is.
package struct TrainingProgress: Sendable, Hashable {
  /// Steps taken.
  package var step: Int
  /// Epochs ended.
  package var epoch: Int
  /// The last epoch's mean loss.
  package var loss: Double
  /// The last epoch's running accuracy.
  package var accuracy: Double
  /// The rate of the next step.
  package var learningRate: Double
}
