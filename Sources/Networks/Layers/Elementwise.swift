import Compute

/// y = σ(x), where no product or norm is there to do it along the way.
package struct Elementwise<S: Scalar>: Layer {
  /// The input's shape.
  package let outputShape: SampleShape
  private let kind: ActivationKind
  private let kink: KinkSlot?

  /// An activation of every element.
  package init(_ builder: LayerBuilder<S>, name: String, shape: SampleShape, activation: Activation) {
    outputShape = shape
    kind = activation.kind
    kink = builder.kink(kind)
    builder.record(
      name: name, kind: "activation", output: shape, parameterCount: 0, productFlops: 0)
  }

  private func count(_ pass: Pass<S>) -> Int { pass.count * outputShape.count }
  private func saved(_ x: UnsafePointer<S>, _ y: UnsafePointer<S>) -> UnsafePointer<S> {
    kind.savesInput ? x : y
  }

  package var activation: ActivationKind? { kind }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    S.scale(count(pass), 1, x, y)
    pass.activate(kind, kink, pass.count, outputShape.count, nil, y, y)
  }

  /// dx = σ'(x)∘dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    guard let dx else { return }
    S.scale(count(pass), 1, dy, dx)
    pass.activationBackward(kind, kink, pass.count, outputShape.count, saved(x, y), dx, 0, nil)
  }

  /// ẏ = σ'(x)∘ẋ.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    guard let tx else { return S.fill(count(pass), 0, ty) }
    S.scale(count(pass), 1, tx, ty)
    S.activationTangent(kind, count(pass), saved(x, y), ty)
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    guard let dx, let tdx else { return }
    let count = count(pass)
    S.scale(count, 1, values.dy, dx)
    S.scale(count, 1, values.tdy, tdx)
    if let tx = values.tx {
      S.activationBackwardTangent(kind, count, saved(values.x, values.y), tx, dx, tdx)
    } else {
      S.activationTangent(kind, count, saved(values.x, values.y), dx)
      S.activationTangent(kind, count, saved(values.x, values.y), tdx)
    }
  }
}
