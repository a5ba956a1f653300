import Compute
import Networks

/// A look at a point whose gradient, loss and Hessian are those of a minimum, for whether it is one at a finite distance.
///
/// On nearly separable data the loss has its infimum at infinity: parameters grow, units saturate, samples lose their hold
/// on the gradient, and everything looks flat. Growth is measured against the larger of the start's norm and that which
/// PyTorch's initialisation has on average, for inputs of unit size.
package struct DriftReport: Sendable, Hashable, Codable {
  /// ‖θ‖₂ over ‖θ₀‖₂.
  package var growth: Double
  /// The relative growth of ‖θ‖₂ from the end of the last loss window but one to that of the last; nil without two.
  package var windowGrowth: Double?
  /// The part of all outputs of tanh and sigmoid units where their slope is below 1 % of its largest; nil without such.
  package var saturatedShare: Double?

  /// Bounds beyond which a point is refused.
  package static let largestGrowth = 100.0
  /// As above, of `windowGrowth`.
  package static let largestWindowGrowth = 0.01
  /// As above, of `saturatedShare`.
  package static let largestSaturatedShare = 0.5

  /// Whether the point is refused.
  package var isDrifting: Bool {
    growth > Self.largestGrowth || windowGrowth.map { $0 > Self.largestWindowGrowth } ?? false
      || saturatedShare.map { $0 > Self.largestSaturatedShare } ?? false
  }
}

/// ‖θ‖₂ at the ends of loss windows.
struct NormWindow: Sendable, Codable {
  private var previous: Double?
  /// The relative growth over the last window.
  private(set) var growth: Double?

  /// Ends a window.
  mutating func close(norm: Double) {
    growth = previous.map { norm / $0 - 1 }
    previous = norm
  }
}

extension Trainer {
  /// The guard's look at the variables as they stand; without meaning where training was interrupted.
  func lookForDrift() -> DriftReport {
    let activity = objective.inspect(descent.variables, limit: 0).activity
    return DriftReport(
      growth: objective.parameterNorm(descent.variables) / referenceNorm, windowGrowth: normWindow.growth,
      saturatedShare: activity.saturatedShare)
  }

  /// What ‖θ‖₂ is measured against; `inputs` are those in memory.
  static func referenceNorm(_ network: Network<S>, start: Buffer<S>, inputs: Buffer<S>) -> Double {
    let usual = network.tensors.reduce(0.0) { sum, tensor in
      switch tensor.role {
      case .weight, .bias: sum + Double(tensor.count) / (3 * Double(tensor.fanIn))
      case .normalizationScale: sum + Double(tensor.count)
      case .normalizationShift: sum
      case .embedding: sum + 4e-4 * Double(tensor.count)
      }
    }
    // Smaller inputs need larger weights for the same function.
    let size = inputs.count == 0 ? 1 : inputs.norm / Double(inputs.count).squareRoot()
    return max(start.norm, usual.squareRoot()) * max(1, size > 0 ? 1 / size : 1)
  }
}
