import Compute

/// y = x + f(x).
///
/// The last layer of f must be one that leaves dy as it is and doesn't look at its own output in backward, as a batch
/// norm without activation does.
package struct IdentityShortcut<S: Scalar>: Layer {
  private let inner: Chain<S>

  /// The sum with a chain whose output has its input's shape.
  package init(_ inner: Chain<S>) { self.inner = inner }

  /// f's.
  package var outputShape: SampleShape { inner.outputShape }

  private func count(_ pass: Pass<S>) -> Int { pass.count * outputShape.count }

  /// y = x + f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    inner.forward(pass, x: x, y: y)
    S.add(count(pass), y, x, y)
  }

  /// dx and the parameters' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    inner.backward(pass, x: x, y: y, dy: dy, dx: dx)
    if let dx { S.add(count(pass), dx, dy, dx) }
  }

  /// ẏ from ẋ and the direction.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    inner.forwardTangent(pass, x: x, tx: tx, y: y, ty: ty)
    if let tx { S.add(count(pass), ty, tx, ty) }
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    inner.backwardTangent(pass, values, dx: dx, tdx: tdx)
    if let dx { S.add(count(pass), dx, values.dy, dx) }
    if let tdx { S.add(count(pass), tdx, values.tdy, tdx) }
  }
}
