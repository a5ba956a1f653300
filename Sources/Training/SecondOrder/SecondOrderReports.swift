/// The last stage of a procedure, after its steps are spent without a verdict.
package enum Finish: Sendable, Hashable, Codable {
  /// The probe ends where its steps do.
  case none
  /// A second-order path from there over all samples, in double precision, of so many evaluations of loss and
  /// gradient at most. See `SecondOrderPath`.
  case secondOrder(evaluations: Int)

  /// Evaluations unless said.
  package static let defaultEvaluations = 1500
}

/// How the last stage of a procedure ended.
package struct FinishReport: Sendable, Hashable, Codable {
  /// Evaluations of loss and gradient.
  package var evaluations: Int
  /// Where it ended: the training accuracy, …
  package var trainingAccuracy: Double
  /// … the procedure's objective, …
  package var loss: Double
  /// … its ‖g‖₂ / r, …
  package var relativeGradientNorm: Double
  /// … ‖θ‖₂ over that where the steps ended, …
  package var parameterNormRatio: Double
  /// … and the Hessian, where it ended stationary.
  package var curvature: CurvatureReport?
}
