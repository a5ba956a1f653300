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
  /// η = `part` / √fan_in, at most `most`, to two significant digits; fan_in is the largest of the layers before the last, or
  /// that of the only one.
  ///
  /// A rule that divides a gradient by its own size moves a weight by up to η, whatever the data. PyTorch's initialisation
  /// draws it from ±1/√fan_in: `part` is how much of that range a step crosses at most. The last layer, in which the objective
  /// is convex, bounds nothing.
  case byWidestLayer(part: Double, most: Double)

  /// The rate on a network whose largest fan_in is this.
  package func rate(fanIn: Int) -> Double {
    switch self {
    case .fixed(let rate): return rate
    case .byWidestLayer(let part, let most):
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
