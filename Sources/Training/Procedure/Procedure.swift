import Networks

/// Everything that a probe's training is, beside the network and the data. Plain values, to begin with those of plain SGD at a
/// constant rate; what a specification leaves out is `standard`'s.
package struct Procedure: Sendable, Hashable, Codable {
  /// The rule of a step.
  package var optimizer: OptimizerKind = .sgd()
  /// The rate, once training has warmed up.
  package var learningRate: LearningRate = .fixed(0.05)
  /// Samples in a step.
  package var batchSize: BatchSize = .size(128)
  /// Samples in the last batch of an epoch, and with them in all others.
  package var lastBatch: LastBatch = .balanced
  /// The rate over the steps.
  package var schedule: Schedule = .constant
  /// The guard: gradient steps (for L-BFGS, evaluations of the gradient) after which a probe ends as `budget`.
  package var maxSteps: Int = 20_000
  /// The part of the samples that a probe which counts as fit may leave unfit; Nakkiran's ε.
  package var fitTrainingError: Double = 0
  /// Random changes to the images of a step.
  package var augmentation = Augmentation.none
  /// What is added to the plain loss and its descent.
  package var regularization = Regularization()
  /// Where training starts.
  package var initialization = Initialization()
  /// What counts as stationary and as a minimum.
  package var convergence = ConvergenceCriteria()
  /// What a saddle leads to.
  package var onSaddle: SaddleResponse = .proceed
  /// What follows where the steps are spent without a verdict.
  package var finish: Finish = .none
  /// What is trained in place of the parameters themselves.
  package var reparameterization: Reparameterization = .none
  /// The scalar that training runs in. The Hessian is always in double precision.
  package var precision: Precision = .single
  /// Parts that a batch is split into, whose gradients are summed in a fixed order. Batch norm takes its
  /// statistics part by part.
  package var shards: Int = 1

  /// Plain SGD.
  package init() {}

  /// The default procedure, but for its warm-up over a twentieth of the guard (`Schedule`).
  package static let standard: Procedure = {
    var procedure = Procedure()
    procedure.optimizer = .adam()
    procedure.learningRate = .usual
    return procedure
  }()

  /// Whether a run with a larger guard is another one. Where it isn't, it is the same run, longer, and one that fitted tells
  /// of every shorter guard. It is where the schedule ends with the guard, and where a last stage goes on from there: a shorter
  /// run would have had its own.
  package var dependsOnGuard: Bool {
    guard finish == .none else { return true }
    return switch schedule.decay {
    case .constant, .plateau: false
    case .cosine(let cosine): cosine.period == nil
    case .step(let step): step.every == nil
    }
  }

  /// All of it but the guard, where nothing depends on that: equal for runs of one trajectory.
  var trajectory: Procedure {
    var procedure = self
    if !dependsOnGuard { procedure.maxSteps = 1 }
    return procedure
  }

  /// Why this procedure's fixed points are not stationary points of its objective, so that no minimum can be
  /// claimed; nil where they are.
  package var unverifiable: String? {
    if regularization.decoupledWeightDecay != 0 { return "decoupled weight decay" }
    if regularization.sharpnessRadius != 0 { return "sharpness-aware minimisation" }
    if case .quantized = reparameterization { return "quantized parameters" }
    if augmentation != .none { return "augmentation" }
    return nil
  }
}

/// Terms beside the mean cross-entropy. All are off by default.
package struct Regularization: Sendable, Hashable, Codable {
  /// λ in the objective's λ/2 ‖θ‖², over all variables.
  package var coupledWeightDecay: Double
  /// λ in θ ← (1 − η λ) θ before every step, outside the objective.
  package var decoupledWeightDecay: Double
  /// s in target = (1 − s)·onehot + s / classes.
  package var labelSmoothing: Double
  /// ρ of sharpness-aware minimisation: the gradient is taken at θ + ρ g/‖g‖₂ (Foret et al. 2021).
  package var sharpnessRadius: Double
  /// Largest ‖g‖₂ of a step's gradient (weight decay included), which is scaled down to it; 0 for none.
  package var gradientClip: Double

  /// No regularization but what is given.
  package init(
    coupledWeightDecay: Double = 0, decoupledWeightDecay: Double = 0, labelSmoothing: Double = 0,
    sharpnessRadius: Double = 0, gradientClip: Double = 0
  ) {
    self.coupledWeightDecay = coupledWeightDecay
    self.decoupledWeightDecay = decoupledWeightDecay
    self.labelSmoothing = labelSmoothing
    self.sharpnessRadius = sharpnessRadius
    self.gradientClip = gradientClip
  }
}

/// What happens at a stationary point with negative curvature.
package enum SaddleResponse: String, Sendable, Hashable, Codable, CaseIterable {
  /// A step along the negative direction, then training goes on within the budget.
  case proceed = "continue"
  /// The probe ends as `saddle`.
  case stop
}

/// What is trained in place of the parameters.
package enum Reparameterization: Sendable, Hashable, Codable {
  /// The parameters themselves.
  case none
  /// z in θ = θ₀ + P z, P a Fastfood projection of `dimension` columns (Li et al. 2018).
  case subspace(dimension: Int)
  /// Parameters of 1 to 16 bits with a scale for each tensor, trained by the straight-through estimator.
  case quantized(bits: Int)
}

/// The scalar that training runs in.
package enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
  /// `Float`
  case single
  /// `Double`
  case double
}
