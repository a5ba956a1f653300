import CKernels

/// What one pass over a batch's logits finds: sums over its samples.
package struct BatchSummary: Sendable, Hashable {
  /// Σ of the cross-entropy (of the smoothed targets, where labels are smoothed).
  package var lossSum: Double
  /// Samples whose own logit is strictly the largest.
  package var correct: Int
  /// Σ ‖softmax − target‖₂.
  package var residualNormSum: Double
  /// Whether both sums are finite.
  package var isFinite: Bool { lossSum.isFinite && residualNormSum.isFinite }

  /// The sums over no sample, unless given.
  package init(lossSum: Double = 0, correct: Int = 0, residualNormSum: Double = 0) {
    self.lossSum = lossSum
    self.correct = correct
    self.residualNormSum = residualNormSum
  }

  init(_ summary: emc_loss_summary) {
    self.init(lossSum: summary.loss, correct: Int(summary.correct), residualNormSum: summary.residual)
  }

  /// The sums over both batches.
  package static func += (left: inout BatchSummary, right: BatchSummary) {
    left.lossSum += right.lossSum
    left.correct += right.correct
    left.residualNormSum += right.residualNormSum
  }
}

/// Softmax and cross-entropy over logits (rows, classes).
package protocol LossKernels {
  /// d = scale · (softmax(logits) − target), target = (1 − smoothing)·onehot + smoothing/classes, and the sums.
  ///
  /// `probabilities` (may be nil) gets the softmax. One of the two results must be asked for.
  static func softmaxCrossEntropy(
    _ rows: Int, _ classes: Int, _ logits: UnsafePointer<Self>, _ labels: UnsafePointer<Int32>,
    _ smoothing: Self, _ scale: Self, probabilities: UnsafeMutablePointer<Self>?,
    gradient: UnsafeMutablePointer<Self>?
  ) -> BatchSummary
  /// p[r, :] = softmax(scale · x[r, :]); p may be x.
  static func softmax(
    _ rows: Int, _ columns: Int, _ scale: Self, _ x: UnsafePointer<Self>, _ p: UnsafeMutablePointer<Self>)
  /// y = scale · p∘(v − Σ p·v) row by row: the softmax's (symmetric) Jacobian times v; y may be v.
  static func softmaxProduct(
    _ rows: Int, _ columns: Int, _ scale: Self, _ p: UnsafePointer<Self>, _ v: UnsafePointer<Self>,
    _ y: UnsafeMutablePointer<Self>)
}
