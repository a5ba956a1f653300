/// Which rule turns gradients into steps, with its constants. Defaults are the papers' or PyTorch's.
package enum OptimizerKind: Sendable, Hashable, Codable {
  /// v ← μ v + g, θ ← θ − η v (Nesterov: θ ← θ − η (g + μ v)), as PyTorch has it.
  case sgd(momentum: Double = 0.9, nesterov: Bool = false)
  /// θ ← θ − η g with g over all samples, whatever the batch size says.
  case gradientDescent
  /// Kingma and Ba 2015, with bias correction.
  case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
  /// Adam whose weight decay is decoupled (Loshchilov and Hutter 2019); the decay is the procedure's
  /// `decoupledWeightDecay`.
  case adamW(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
  /// Gupta, Koren and Singer 2018, Algorithm 1; the inverse roots are recomputed every `refresh` steps and a
  /// factor of more than `largestFactor` rows is kept as its diagonal.
  case shampoo(epsilon: Double = 1e-4, refresh: Int = 20, largestFactor: Int = 512)
  /// Full-batch limited-memory BFGS with a strong-Wolfe line search (Nocedal and Wright, Algorithm 7.5;
  /// Moré and Thuente 1994). It has no learning rate.
  case lbfgs(history: Int = 10)
  /// Momentum orthogonalised by Newton–Schulz iterations for weight matrices, Adam for the rest (Jordan et
  /// al. 2024; Liu et al. 2025 for the common learning rate).
  case muon(momentum: Double = 0.95, iterations: Int = 5)

  /// Whether every step uses all samples, whatever batch size was asked for.
  package var needsFullBatch: Bool {
    switch self {
    case .gradientDescent, .lbfgs: true
    case .sgd, .adam, .adamW, .shampoo, .muon: false
    }
  }

  /// Whether the rule takes its step lengths from a learning rate.
  package var usesLearningRate: Bool {
    if case .lbfgs = self { false } else { true }
  }
}

/// The learning rate at the start, before the schedule.
package enum LearningRate: Sendable, Hashable, Codable {
  /// A given rate, above 0.
  case fixed(Double)
  /// The rate that a short range test finds; see `RangeTest`.
  case automatic
}

/// How many samples make a step.
package enum BatchSize: Sendable, Hashable, Codable {
  /// Minibatches of at most this size; see `LastBatch`.
  case size(Int)
  /// All samples.
  case full
}
