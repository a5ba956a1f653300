/// When a point counts as stationary, and as a minimum.
///
/// With g the gradient of the objective over all samples and r the mean over samples of
/// ‖softmax − target‖₂, a point is stationary if ‖g‖₂ ≤ τ·r and the loss has changed by less than
/// `lossChange` between the last two windows in which the learning rate was at least 1 % of its start. It is a minimum if, besides, λ_min ≥ −ε·|λ_max| for the
/// Hessian's extreme eigenvalues.
package struct ConvergenceCriteria: Sendable, Hashable, Codable {
  /// τ, the bound of ‖g‖₂ / r.
  package var gradientNorm: Double
  /// Steps in one loss window, rounded up to whole epochs; with minibatches at least eight epochs, which keeps
  /// the passes over all samples below an eighth of the training. Only windows in which the learning rate was at
  /// least 1 % of its start count.
  package var lossWindow: Int
  /// The bound of |m₂ − m₁| / |m₁|, m₁ and m₂ the mean losses of two successive windows.
  package var lossChange: Double
  /// ε, the bound of −λ_min / |λ_max|.
  package var negativeCurvature: Double

  /// The default thresholds unless given.
  package init(
    gradientNorm: Double = 1e-3, lossWindow: Int = 500, lossChange: Double = 1e-3,
    negativeCurvature: Double = 1e-3
  ) {
    self.gradientNorm = gradientNorm
    self.lossWindow = lossWindow
    self.lossChange = lossChange
    self.negativeCurvature = negativeCurvature
  }
}
