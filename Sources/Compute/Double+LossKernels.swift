import CKernels

extension Double: LossKernels {
  /// d = scale · (softmax(logits) − target), target = (1 − smoothing)·onehot + smoothing/classes, and the sums.
  ///
  /// `probabilities` (may be nil) gets the softmax. One of the two results must be asked for.
  package static func softmaxCrossEntropy(
    _ rows: Int, _ classes: Int, _ logits: UnsafePointer<Self>, _ labels: UnsafePointer<Int32>,
    _ smoothing: Self, _ scale: Self, probabilities: UnsafeMutablePointer<Self>?,
    gradient: UnsafeMutablePointer<Self>?
  ) -> BatchSummary {
    precondition(probabilities != nil || gradient != nil, "one result must be asked for")
    return BatchSummary(
      emc_softmax_cross_entropy_f64(rows, classes, logits, labels, smoothing, scale, probabilities, gradient))
  }

  /// p[r, :] = softmax(scale · x[r, :]); p may be x.
  package static func softmax(
    _ rows: Int, _ columns: Int, _ scale: Self, _ x: UnsafePointer<Self>, _ p: UnsafeMutablePointer<Self>
  ) {
    emc_softmax_f64(rows, columns, scale, x, p)
  }

  /// y = scale · p∘(v − Σ p·v) row by row: the softmax's (symmetric) Jacobian times v; y may be v.
  package static func softmaxProduct(
    _ rows: Int, _ columns: Int, _ scale: Self, _ p: UnsafePointer<Self>, _ v: UnsafePointer<Self>,
    _ y: UnsafeMutablePointer<Self>
  ) {
    emc_softmax_product_f64(rows, columns, scale, p, v, y)
  }
}
