import Compute

extension Workspace {
  /// product += scale · H v and gradient += scale · ∂(loss sum)/∂parameters over this batch, in training mode; exact.
  ///
  /// H is the Hessian of the batch's loss sum and v the direction: forward, its tangent along v, then backward together
  /// with its tangent (Pearlmutter, "Fast Exact Multiplication by the Hessian", 1994). Without a gradient buffer the
  /// gradient is not kept. The workspace must have been made with `secondOrder`.
  @discardableResult
  package func addHessianVectorProduct(
    parameters: UnsafePointer<S>, direction: UnsafePointer<S>, inputs: UnsafePointer<S>,
    labels: UnsafePointer<Int32>, count: Int, loss: LossOptions = LossOptions(), scale: S,
    gradient: UnsafeMutablePointer<S>? = nil, product: UnsafeMutablePointer<S>
  ) -> BatchSummary {
    guard let second else { preconditionFailure("the workspace was made for first derivatives only") }
    if gradient == nil { S.fill(second.gradient.count, 0, second.gradient.pointer) }
    let pass = makePass(
      count: count, mode: .training, parameters: parameters, dropout: loss.dropout,
      gradient: gradient ?? second.gradient.pointer, keep: 1, direction: direction, product: product)
    layers.forward(pass, x: inputs, y: logits.pointer)
    layers.forwardTangent(pass, x: inputs, tx: nil, y: logits.pointer, ty: second.logits.pointer)
    let summary = S.softmaxCrossEntropy(
      count, network.classes, logits.pointer, labels, S(loss.labelSmoothing), scale,
      probabilities: second.probabilities.pointer, gradient: logitGradients.pointer)
    S.softmaxProduct(
      count, network.classes, scale, second.probabilities.pointer, second.logits.pointer,
      second.logitGradients.pointer)
    let values = TangentValues(
      x: inputs, tx: nil, y: UnsafePointer(logits.pointer), ty: UnsafePointer(second.logits.pointer),
      dy: logitGradients.pointer, tdy: second.logitGradients.pointer)
    layers.backwardTangent(pass, values, dx: nil, tdx: nil)
    return summary
  }
}
