/// What a second-order method finds from where a failed probe ended.
package enum FailureVerdict: String, Sendable, Hashable, Codable, CaseIterable {
  /// A perfect fit: the optimizer was the limit.
  case reachable
  /// A minimum of the objective with a small decay, at a finite distance, that no start near by leads to a fit from.
  case minimum
  /// As above where kinks meet, with a certificate in place of gradient and Hessian.
  case nonsmoothMinimum = "nonsmooth_minimum"
  /// Stationary without decay alone, with ‖θ‖ growing as the decay falls: the infimum is at infinity.
  case unbounded
  /// None of these could be shown.
  case undecided
}

/// The verdict on a failed probe's end point, with its numbers.
package struct VerificationReport: Sendable, Hashable, Codable {
  /// What was found.
  package var verdict: FailureVerdict
  /// What was missing, where it is `undecided`.
  package var reason: String?
  /// Evaluations of loss and gradient in all.
  package var evaluations: Int
  /// The highest training accuracy that the network had where a stage ended.
  package var trainingAccuracy: Double
  /// λ of the objective that the numbers below are of.
  package var decay: Double
  /// Its value, mean loss + λ/2 ‖θ‖², …
  package var loss: Double
  /// … ‖g‖₂ / r of it, …
  package var relativeGradientNorm: Double
  /// … its Hessian's extreme eigenvalues, where it was stationary, …
  package var curvature: CurvatureReport?
  /// … and ‖θ‖₂ over that where the procedure ended.
  package var parameterNormRatio: Double
  /// The factor by which ‖θ‖ grows for a tenfold smaller decay; nil where the procedure's own is no smaller.
  package var parameterGrowth: Double?
  /// The least norms of the gradients that meet at kinks, where they are exact.
  package var certificates: [KinkCertificate]
}
