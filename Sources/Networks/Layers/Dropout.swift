import Compute

/// y = m∘x in training, m = 0 with the probability that is dropped and 1/(1 − probability) otherwise; y = x else.
///
/// Srivastava et al. 2014. The mask follows from the pass's stream, so that one step is dropped alike each time.
package struct Dropout<S: Scalar>: Layer {
  /// The input's shape.
  package let outputShape: SampleShape
  private let probability: Double
  private let mask: MemorySlot
  private let number: UInt64

  /// A layer that drops with a probability in [0, 1).
  package init(
    _ builder: LayerBuilder<S>, name: String, shape: SampleShape, probability: Double
  ) throws(ArchitectureError) {
    guard probability >= 0 && probability < 1 else {
      throw .invalid(field: "dropout", reason: "a probability from 0 to below 1")
    }
    outputShape = shape
    self.probability = probability
    number = builder.dropoutNumber()
    mask = try builder.saved(perSample: shape.count)
    builder.record(name: name, kind: "dropout", output: shape, parameterCount: 0, productFlops: 0)
  }

  private func isActive(_ pass: Pass<S>) -> Bool { pass.mode == .training && pass.dropout != nil }

  /// y = m∘x with the mask that forward made.
  private func apply(_ pass: Pass<S>, _ x: UnsafePointer<S>, _ y: UnsafeMutablePointer<S>) {
    let count = pass.count * outputShape.count
    if isActive(pass) {
      S.multiply(count, x, pass.memory(mask), y)
    } else {
      y.update(from: x, count: count)
    }
  }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    if isActive(pass), var stream = pass.dropout {
      // Every layer has 2⁴⁰ blocks of the step's stream to itself.
      stream.skip(blocks: number << 40)
      S.dropoutMask(pass.count * outputShape.count, probability, stream, pass.memory(mask))
    }
    apply(pass, x, y)
  }

  /// dx and the parameters' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    if let dx { apply(pass, dy, dx) }
  }

  /// ẏ from ẋ and the direction.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    if let tx { apply(pass, tx, ty) } else { S.fill(pass.count * outputShape.count, 0, ty) }
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    if let dx { apply(pass, values.dy, dx) }
    if let tdx { apply(pass, values.tdy, tdx) }
  }
}
