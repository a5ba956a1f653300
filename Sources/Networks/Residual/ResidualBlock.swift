import Compute

/// y = σ(norm(f(x)) + shortcut): a block of any layers f behind which a batch norm stands, as ResNet's basic block
/// conv₂(σ(norm₁(conv₁ x))).
///
/// The shortcut is x itself, or a 1 × 1 convolution with a norm. The norm, the sum and the activation are one pass.
package struct ResidualBlock<S: Scalar>: Layer {
  /// The block's output.
  package let outputShape: SampleShape
  let kind: ActivationKind
  let kink: KinkSlot?
  private let name: String
  /// f
  let main: Chain<S>
  let norm: BatchNormalization<S>
  let shortcut: Convolution<S>?
  let shortcutNorm: BatchNormalization<S>?
  /// What `main` and `shortcut` make.
  let mainOutput: MemorySlot
  let shortcutOutput: MemorySlot?
  /// The sum, where the backward pass needs it (or its tangent) beside y.
  let preactivation: MemorySlot?
  let slopes: MemorySlot
  let inputSlopes: MemorySlot?
  private let inputCount: Int

  /// The block of the layers that `append` appends and the norm `norm`; its shortcut is a convolution with the stride
  /// `projection`, or where that is nil the input. The shortcut's parameters are `name`.short.0.weight, ….
  package init(
    _ builder: LayerBuilder<S>, name: String, input: SampleShape, norm normName: String, projection: Int?,
    activation: Activation,
    _ append: (inout ChainBuilder<S>, LayerBuilder<S>) throws(ArchitectureError) -> Void
  ) throws(ArchitectureError) {
    kind = activation.kind
    kink = builder.kink(kind)
    self.name = name
    inputCount = input.count
    var scope = builder.openScope()
    var chain = ChainBuilder(builder)
    try append(&chain, builder)
    main = try chain.finish()
    let shape = main.outputShape
    builder.endChild(&scope)
    norm = try BatchNormalization(builder, name: normName, shape: shape)
    builder.endChild(&scope)
    if let projection {
      shortcut = try Convolution(
        builder, name: "\(name).short.0", input: input, outputs: shape.channels, kernel: 1,
        stride: projection,
        padding: 0, hasBias: false)
      builder.endChild(&scope)
      shortcutNorm = try BatchNormalization(builder, name: "\(name).short.1", shape: shape)
      builder.endChild(&scope)
    } else {
      shortcut = nil
      shortcutNorm = nil
    }
    builder.closeScope(scope)
    outputShape = shape
    mainOutput = try builder.saved(perSample: shape.count)
    builder.recordHidden(main, name: main.outputName ?? "", slot: mainOutput)
    shortcutOutput = shortcut == nil ? nil : try builder.saved(perSample: shape.count)
    let keepsSum = kind.savesInput || builder.secondOrder && kind.isCurved
    preactivation = keepsSum ? try builder.saved(perSample: shape.count) : nil
    slopes = try builder.scratch(perSample: shape.count)
    inputSlopes = shortcut == nil ? nil : try builder.scratch(perSample: input.count)
  }

  func count(_ pass: Pass<S>) -> Int { pass.count * outputShape.count }

  /// What the activation's derivative is taken from.
  func savedValues(_ pass: Pass<S>, _ y: UnsafePointer<S>) -> UnsafePointer<S> {
    kind.savesInput ? UnsafePointer(pass.memory(preactivation!)) : y
  }

  package var activation: ActivationKind? { kind }
  package var outputName: String? { name }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    let u = pass.memory(mainOutput)
    main.forward(pass, x: x, y: u)
    norm.findMoments(pass, u)
    var addend = x
    if let shortcut, let shortcutNorm, let shortcutOutput {
      let v = pass.memory(shortcutOutput)
      shortcut.forward(pass, x: x, y: v)
      shortcutNorm.findMoments(pass, v)
      shortcutNorm.apply(pass, .identity, v, addend: nil, into: y)
      addend = UnsafePointer(y)
    }
    if let preactivation {
      let z = pass.memory(preactivation)
      norm.apply(pass, .identity, u, addend: addend, into: z)
      S.biasActivation(kind, pass.count, outputShape.count, nil, z, y)
    } else if pass.treats(kink) {
      norm.apply(pass, .identity, u, addend: addend, into: y)
      pass.activate(kind, kink, pass.count, outputShape.count, nil, y, y)
    } else {
      norm.apply(pass, kind, u, addend: addend, into: y)
    }
  }

  /// dx and the parameters' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    let (u, du) = (pass.memory(mainOutput), pass.memory(slopes))
    pass.activationBackward(
      kind, kink, pass.count, outputShape.count, savedValues(pass, y), dy, 0, nil)
    norm.backward(pass, .identity, x: u, dy: dy, dx: du)
    main.backward(pass, x: x, y: u, dy: du, dx: dx)
    guard let shortcut, let shortcutNorm, let shortcutOutput, let inputSlopes else {
      if let dx { S.add(count(pass), dx, dy, dx) }
      return
    }
    let (v, added) = (pass.memory(shortcutOutput), pass.memory(inputSlopes))
    shortcutNorm.backward(pass, .identity, x: v, dy: dy, dx: du)
    shortcut.backward(pass, x: x, y: v, dy: du, dx: dx == nil ? nil : added)
    if let dx { S.add(pass.count * inputCount, dx, added, dx) }
  }

  /// ẏ from ẋ and the direction.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    let (u, tu) = (pass.memory(mainOutput), pass.tangent(mainOutput))
    let tz = preactivation.map { pass.tangent($0) } ?? ty
    main.forwardTangent(pass, x: x, tx: tx, y: u, ty: tu)
    norm.forwardTangent(pass, x: u, tx: tu, y: y, ty: tz)
    if let shortcut, let shortcutNorm, let shortcutOutput {
      let (v, tv) = (pass.memory(shortcutOutput), pass.tangent(shortcutOutput))
      let added = pass.memory(slopes)
      shortcut.forwardTangent(pass, x: x, tx: tx, y: v, ty: tv)
      shortcutNorm.forwardTangent(pass, x: v, tx: tv, y: y, ty: added)
      S.add(count(pass), tz, added, tz)
    } else if let tx {
      S.add(count(pass), tz, tx, tz)
    }
    if kind == .identity { return }
    if tz != ty { S.scale(count(pass), 1, tz, ty) }
    S.activationTangent(kind, count(pass), savedValues(pass, y), ty)
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    let (dz, tdz) = (values.dy, values.tdy)
    let saved = savedValues(pass, values.y)
    if let preactivation {
      S.activationBackwardTangent(kind, count(pass), saved, pass.tangent(preactivation), dz, tdz)
    } else {
      S.activationTangent(kind, count(pass), saved, dz)
      S.activationTangent(kind, count(pass), saved, tdz)
    }
    let (du, tdu) = (pass.memory(slopes), pass.tangent(slopes))
    norm.backwardTangent(
      pass, x: pass.memory(mainOutput), tx: pass.tangent(mainOutput), dz: dz, tdz: tdz, dx: du, tdx: tdu)
    main.backwardTangent(pass, inner(pass, values, mainOutput), dx: dx, tdx: tdx)
    guard let shortcut, let shortcutNorm, let shortcutOutput, let inputSlopes else {
      if let dx { S.add(count(pass), dx, dz, dx) }
      if let tdx { S.add(count(pass), tdx, tdz, tdx) }
      return
    }
    shortcutNorm.backwardTangent(
      pass, x: pass.memory(shortcutOutput), tx: pass.tangent(shortcutOutput), dz: dz, tdz: tdz, dx: du,
      tdx: tdu)
    let (added, addedTangent) = (pass.memory(inputSlopes), pass.tangent(inputSlopes))
    shortcut.backwardTangent(
      pass, inner(pass, values, shortcutOutput), dx: dx == nil ? nil : added,
      tdx: tdx == nil ? nil : addedTangent)
    if let dx { S.add(pass.count * inputCount, dx, added, dx) }
    if let tdx { S.add(pass.count * inputCount, tdx, addedTangent, tdx) }
  }

  /// What one of the two ways sees: the block's input, its own output, and the slopes of that.
  private func inner(_ pass: Pass<S>, _ values: TangentValues<S>, _ output: MemorySlot) -> TangentValues<S> {
    TangentValues(
      x: values.x, tx: values.tx, y: UnsafePointer(pass.memory(output)),
      ty: UnsafePointer(pass.tangent(output)), dy: pass.memory(slopes), tdy: pass.tangent(slopes))
  }
}
