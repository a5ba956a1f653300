/// What a probe's training depends on beside the specification: keys every random choice.
public struct ProbeKey: Sendable, Hashable, Codable {
  /// The measurement's seed.
  public var seed: UInt64
  /// The size of the training set.
  public var samples: Int
  /// Which of the repetitions with this size.
  public var replicate: Int

  /// The key of replicate `replicate` of size `samples`.
  public init(seed: UInt64, samples: Int, replicate: Int) {
    self.seed = seed
    self.samples = samples
    self.replicate = replicate
  }
}

/// How a probe ended.
public enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
  /// Every sample's own logit was strictly the largest.
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
public struct TrainingReport: Sendable, Hashable, Codable {
  /// How it ended.
  public var outcome: Outcome
  /// Why, where the outcome alone doesn't say: `unverifiable: …`, `lanczos_not_converged`, …
  public var reason: String?
  /// The checks that a stationary point was put to: `gradient_norm`, `loss_change`, `negative_curvature`.
  public var checks: [String]
  /// Samples whose own logit is strictly the largest, as a fraction of all, at the final parameters.
  public var trainingAccuracy: Double
  /// The objective over all samples: mean cross-entropy (smoothed labels, if any) + λ/2 ‖θ‖².
  public var loss: Double
  /// ‖g‖₂ of the objective over all samples.
  public var gradientNorm: Double
  /// ‖g‖₂ / r, r the mean over samples of ‖softmax − target‖₂.
  public var relativeGradientNorm: Double
  /// |m₂ − m₁| / |m₁| of the last two loss windows; nil before there were two.
  public var lossChange: Double?
  /// The learning rate at the start, given or found by the range test; nil for a rule that has none.
  public var learningRate: Double?
  /// Steps taken.
  public var steps: Int
  /// Epochs ended.
  public var epochs: Int
  /// Variables that were trained: the parameters, or the subspace's dimension.
  public var variableCount: Int
  /// Steps of the range test, which are not counted in `steps`.
  public var rangeTestSteps: Int
  /// Saddles that training was made to leave.
  public var saddlesLeft: Int
  /// The last look at the Hessian, where one was taken.
  public var curvature: CurvatureReport?
  /// The verifying run, where one was made.
  public var polish: PolishReport?
}

/// The Hessian's extreme eigenvalues at a stationary point, as Lanczos found them.
public struct CurvatureReport: Sendable, Hashable, Codable {
  /// λ_min and λ_max.
  public var smallest: Double
  /// λ_max.
  public var largest: Double
  /// ‖H v − λ v‖₂ of the two.
  public var smallestResidual: Double
  /// As above, of the largest.
  public var largestResidual: Double
  /// The residual that counts as converged.
  public var residualTolerance: Double
  /// ε of the criterion λ_min ≥ −ε·|λ_max|.
  public var tolerance: Double
  /// Lanczos steps.
  public var steps: Int
  /// Whether both residuals are within the tolerance; if not there is no verdict.
  public var converged: Bool
  /// Samples that the Hessian was taken over.
  public var samples: Int
  /// Samples in one batch of the fixed partition over which training-mode statistics are taken; nil without
  /// batch norm.
  public var partition: Int?

  /// λ_min < −ε·|λ_max|
  public var isSaddle: Bool { smallest < -tolerance * abs(largest) }
}

/// A full-batch L-BFGS run from the final point, made for verification only.
public struct PolishReport: Sendable, Hashable, Codable {
  /// Evaluations of loss and gradient.
  public var steps: Int
  /// Where it ended: the training accuracy, …
  public var trainingAccuracy: Double
  /// … the objective, …
  public var loss: Double
  /// … ‖g‖₂ / r …
  public var relativeGradientNorm: Double
  /// … and the Hessian, where it ended stationary.
  public var curvature: CurvatureReport?
}

/// How far a probe is.
public struct TrainingProgress: Sendable, Hashable {
  /// Steps taken.
  public var step: Int
  /// Epochs ended.
  public var epoch: Int
  /// The last epoch's mean loss.
  public var loss: Double
  /// The last epoch's running accuracy.
  public var accuracy: Double
  /// The rate of the last step.
  public var learningRate: Double
}
