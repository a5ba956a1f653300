import Compute

/// y = f(x) + s(x) with any chains, s(x) = x where there is none.
///
/// What a sum costs where no layer of f takes it along the way: f's output and a copy of dy.
package struct ResidualSum<S: Scalar>: Layer {
  private let main: Chain<S>
  private let shortcut: Chain<S>?
  private let mainOutput: MemorySlot
  private let shortcutOutput: MemorySlot?
  /// A copy of dy, which a chain may destroy.
  private let slopes: MemorySlot
  /// The shortcut's part of dx.
  private let inputSlopes: MemorySlot?
  private let inputCount: Int

  /// The sum of two chains of the same output; their scratch is closed.
  package init(
    _ builder: LayerBuilder<S>, _ main: Chain<S>, shortcut: Chain<S>?, input: SampleShape
  ) throws(ArchitectureError) {
    self.main = main
    self.shortcut = shortcut
    inputCount = input.count
    mainOutput = try builder.saved(perSample: main.outputShape.count)
    builder.recordHidden(main, name: main.outputName ?? "", slot: mainOutput)
    shortcutOutput = shortcut == nil ? nil : try builder.saved(perSample: main.outputShape.count)
    slopes = try builder.scratch(perSample: main.outputShape.count)
    inputSlopes = shortcut == nil ? nil : try builder.scratch(perSample: input.count)
  }

  /// f's.
  package var outputShape: SampleShape { main.outputShape }

  private func count(_ pass: Pass<S>) -> Int { pass.count * outputShape.count }

  /// y = f(x) + s(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    let u = pass.memory(mainOutput)
    main.forward(pass, x: x, y: u)
    guard let shortcut, let shortcutOutput else { return S.add(count(pass), u, x, y) }
    let v = pass.memory(shortcutOutput)
    shortcut.forward(pass, x: x, y: v)
    S.add(count(pass), u, v, y)
  }

  /// dx and the parameters' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    let slopes = pass.memory(slopes)
    slopes.update(from: dy, count: count(pass))
    main.backward(pass, x: x, y: pass.memory(mainOutput), dy: slopes, dx: dx)
    guard let shortcut, let shortcutOutput, let inputSlopes else {
      if let dx { S.add(count(pass), dx, dy, dx) }
      return
    }
    let added = pass.memory(inputSlopes)
    shortcut.backward(pass, x: x, y: pass.memory(shortcutOutput), dy: dy, dx: dx == nil ? nil : added)
    if let dx { S.add(pass.count * inputCount, dx, added, dx) }
  }

  /// ẏ from ẋ and the direction.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    let tu = pass.tangent(mainOutput)
    main.forwardTangent(pass, x: x, tx: tx, y: pass.memory(mainOutput), ty: tu)
    if let shortcut, let shortcutOutput {
      let tv = pass.tangent(shortcutOutput)
      shortcut.forwardTangent(pass, x: x, tx: tx, y: pass.memory(shortcutOutput), ty: tv)
      S.add(count(pass), tu, tv, ty)
    } else if let tx {
      S.add(count(pass), tu, tx, ty)
    } else {
      ty.update(from: tu, count: count(pass))
    }
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    let (slopes, slopeTangents) = (pass.memory(slopes), pass.tangent(slopes))
    slopes.update(from: values.dy, count: count(pass))
    slopeTangents.update(from: values.tdy, count: count(pass))
    let inner = TangentValues(
      x: values.x, tx: values.tx, y: UnsafePointer(pass.memory(mainOutput)),
      ty: UnsafePointer(pass.tangent(mainOutput)), dy: slopes, tdy: slopeTangents)
    main.backwardTangent(pass, inner, dx: dx, tdx: tdx)
    guard let shortcut, let shortcutOutput, let inputSlopes else {
      if let dx { S.add(count(pass), dx, values.dy, dx) }
      if let tdx { S.add(count(pass), tdx, values.tdy, tdx) }
      return
    }
    let (added, addedTangent) = (pass.memory(inputSlopes), pass.tangent(inputSlopes))
    let other = TangentValues(
      x: values.x, tx: values.tx, y: UnsafePointer(pass.memory(shortcutOutput)),
      ty: UnsafePointer(pass.tangent(shortcutOutput)), dy: values.dy, tdy: values.tdy)
    shortcut.backwardTangent(
      pass, other, dx: dx == nil ? nil : added, tdx: tdx == nil ? nil : addedTangent)
    if let dx { S.add(pass.count * inputCount, dx, added, dx) }
    if let tdx { S.add(pass.count * inputCount, tdx, addedTangent, tdx) }
  }
}
