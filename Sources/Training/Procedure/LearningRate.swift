import Foundation

/// The learning rate at the start, before the schedule.
package enum LearningRate: Sendable, Hashable, Codable {
  /// A given rate, above 0.
  case fixed(Double)
  /// What the optimizer starts from on the network (`UsualLearningRate`): a rate as soon as the network is known.
  case usual
  /// The best of a race among rates: candidates with given rates are trained.
  case automatic
}

/// The learning rate that an optimizer starts from where none is given.
package enum UsualLearningRate: Sendable, Hashable {
  /// One for all networks: what the rule's authors or PyTorch start from.
  case fixed(Double)
  /// η = `part` / √fan_in of the network's first weights, at most `most`, to two significant digits.
  ///
  /// A rule that divides a gradient by its own size moves a weight by up to η, whatever the data. PyTorch's initialisation
  /// draws it from ±1/√fan_in: `part` is how much of that range a step crosses.
  case byFirstLayer(part: Double, most: Double)

  /// The rate on a network whose first weights have so many inputs.
  package func rate(fanIn: Int) -> Double {
    switch self {
    case .fixed(let rate): return rate
    case .byFirstLayer(let part, let most):
      let rate = min(most, part / Double(max(1, fanIn)).squareRoot())
      return Double(String(format: "%.1e", rate)) ?? rate
    }
  }
}

/// How many samples make a step.
package enum BatchSize: Sendable, Hashable, Codable {
  /// Minibatches of at most this size; see `LastBatch`.
  case size(Int)
  /// All samples.
  case full
}
