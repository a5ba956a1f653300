import Compute

extension Linear {
  /// ẏ from ẋ and the direction.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    let rows = pass.count * places
    let count = rows * outputs
    // ż = x Ẇᵀ + ẋ Wᵀ + ḃ, kept where σ'' isn't zero.
    let tz = preactivation.map { pass.tangent($0) } ?? ty
    multiply(rows, x, pass.direction(weight), into: tz)
    if let tx { multiply(rows, tx, pass.value(weight), keep: 1, into: tz) }
    if let bias { S.addToRows(rows, outputs, pass.direction(bias), tz) }
    if kind == .identity { return }
    if tz != ty { ty.update(from: tz, count: count) }
    S.activationTangent(kind, count, saved(pass, y), ty)
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    let rows = pass.count * places
    let count = rows * outputs
    let (dz, tdz) = (values.dy, values.tdy)
    if let preactivation {
      S.activationBackwardTangent(kind, count, saved(pass, values.y), pass.tangent(preactivation), dz, tdz)
    } else if kind != .identity {
      S.activationTangent(kind, count, saved(pass, values.y), dz)
      S.activationTangent(kind, count, saved(pass, values.y), tdz)
    }
    if let bias {
      S.columnSums(rows, outputs, dz, pass.keep, pass.gradient(bias))
      S.columnSums(rows, outputs, tdz, pass.keep, pass.product(bias))
    }
    // dW = dzᵀ x, and its tangent (dz˙)ᵀ x + dzᵀ ẋ.
    addWeightGradient(rows, dz, values.x, keep: pass.keep, into: pass.gradient(weight))
    addWeightGradient(rows, tdz, values.x, keep: pass.keep, into: pass.product(weight))
    if let tx = values.tx { addWeightGradient(rows, dz, tx, keep: 1, into: pass.product(weight)) }
    // dx = dz W, and its tangent (dz˙) W + dz Ẇ.
    if let dx, let tdx {
      multiplyBack(rows, dz, pass.value(weight), keep: 0, into: dx)
      multiplyBack(rows, tdz, pass.value(weight), keep: 0, into: tdx)
      multiplyBack(rows, dz, pass.direction(weight), keep: 1, into: tdx)
    }
  }

  private func saved(_ pass: Pass<S>, _ y: UnsafePointer<S>) -> UnsafePointer<S> {
    kind.savesInput ? UnsafePointer(pass.memory(preactivation!)) : y
  }
}
