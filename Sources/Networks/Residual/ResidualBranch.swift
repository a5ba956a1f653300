import Compute

/// y = x + f(norm(x)) with a layer norm: one half of a pre-norm transformer block.
///
/// f may answer for the first places of x only; then y has only those. The last layer of f must be one that leaves
/// dy as it is and doesn't look at its own output in backward (a linear layer without activation, or dropout).
package struct ResidualBranch<S: Scalar>: Layer {
  /// The places that f answers for.
  package let outputShape: SampleShape
  private let norm: LayerNormalization<S>
  private let inner: Chain<S>
  /// norm(x)
  private let normalized: MemorySlot
  /// ∂L/∂norm(x)
  private let slopes: MemorySlot

  /// The branch with the layers that `append` appends.
  package init(
    _ builder: LayerBuilder<S>, norm name: String, input: SampleShape,
    _ append: (inout ChainBuilder<S>, LayerBuilder<S>) throws(ArchitectureError) -> Void
  ) throws(ArchitectureError) {
    norm = try LayerNormalization(builder, name: name, shape: input)
    normalized = try builder.saved(perSample: input.count)
    var scope = builder.openScope()
    var chain = ChainBuilder(builder)
    try append(&chain, builder)
    inner = try chain.finish()
    builder.endChild(&scope)
    builder.closeScope(scope)
    slopes = try builder.scratch(perSample: input.count)
    outputShape = inner.outputShape
    precondition(
      outputShape.channels == input.channels && outputShape.places <= input.places,
      "a branch that can be added")
  }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    norm.forward(pass, x: x, y: pass.memory(normalized))
    inner.forward(pass, x: pass.memory(normalized), y: y)
    addInput(pass, x, to: y)
  }

  /// dx and the parameters' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    let slopes = pass.memory(slopes)
    inner.backward(pass, x: pass.memory(normalized), y: y, dy: dy, dx: slopes)
    let isWhole = outputShape == norm.outputShape
    norm.backward(pass, x: x, dy: slopes, addend: isWhole ? UnsafePointer(dy) : nil, dx: dx ?? slopes)
    if let dx, !isWhole { addToInput(pass, dy, dx) }
  }

  /// ẏ from ẋ and the direction.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    norm.forwardTangent(pass, x: x, tx: tx, y: pass.memory(normalized), ty: pass.tangent(normalized))
    inner.forwardTangent(
      pass, x: pass.memory(normalized), tx: pass.tangent(normalized), y: y, ty: ty)
    if let tx { addInput(pass, tx, to: ty) }
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    let (slopes, slopeTangents) = (pass.memory(slopes), pass.tangent(slopes))
    let outer = TangentValues(
      x: UnsafePointer(pass.memory(normalized)), tx: UnsafePointer(pass.tangent(normalized)), y: values.y,
      ty: values.ty, dy: values.dy, tdy: values.tdy)
    inner.backwardTangent(pass, outer, dx: slopes, tdx: slopeTangents)
    let own = TangentValues(
      x: values.x, tx: values.tx, y: UnsafePointer(pass.memory(normalized)),
      ty: UnsafePointer(pass.tangent(normalized)), dy: slopes, tdy: slopeTangents)
    norm.backwardTangent(pass, own, dx: dx, tdx: tdx)
    if let dx { addToInput(pass, values.dy, dx) }
    if let tdx { addToInput(pass, values.tdy, tdx) }
  }

  /// y += the first places of x.
  private func addInput(_ pass: Pass<S>, _ x: UnsafePointer<S>, to y: UnsafeMutablePointer<S>) {
    let (from, to) = (norm.outputShape.count, outputShape.count)
    if from == to {
      S.add(pass.count * to, y, x, y)
    } else {
      for n in 0..<pass.count { S.add(to, y + n * to, x + n * from, y + n * to) }
    }
  }

  /// The first places of dx += dy.
  private func addToInput(_ pass: Pass<S>, _ dy: UnsafePointer<S>, _ dx: UnsafeMutablePointer<S>) {
    let (from, to) = (norm.outputShape.count, outputShape.count)
    if from == to {
      S.add(pass.count * to, dx, dy, dx)
    } else {
      for n in 0..<pass.count { S.add(to, dx + n * from, dy + n * to, dx + n * from) }
    }
  }
}
