import Compute

/// y[place, c] = x[place, c] · s[c], s = sigmoid(W₂ σ(W₁ mean(x) + b₁) + b₂): channels weighted by what the whole image
/// holds (Hu, Shen and Sun, "Squeeze-and-Excitation Networks", 2018).
package struct SqueezeExcitation<S: Scalar>: Layer {
  /// The input's shape.
  package let outputShape: SampleShape
  private let gate: Chain<S>
  /// s (samples, channels)
  private let scales: MemorySlot
  /// ∂L/∂s
  private let slopes: MemorySlot
  /// The gate's part of dx, until it is added.
  private let inputSlopes: MemorySlot

  private var places: Int { outputShape.places }
  private var channels: Int { outputShape.channels }

  /// A layer with the 1 × 1 convolutions `name`.fc1 and `name`.fc2 and `squeezed` channels between them.
  package init(
    _ builder: LayerBuilder<S>, name: String, input: SampleShape, squeezed: Int, activation: Activation
  ) throws(ArchitectureError) {
    outputShape = input
    scales = try builder.saved(perSample: input.channels)
    var scope = builder.openScope()
    var chain = ChainBuilder(builder)
    try chain.append(GlobalAveragePool(builder, name: "\(name).pool", shape: input))
    try chain.append(
      Linear(
        builder, name: "\(name).fc1", atPlacesOf: .features(input.channels), outputs: squeezed,
        shape: [squeezed, input.channels, 1, 1], activation: activation))
    try chain.append(
      Linear(
        builder, name: "\(name).fc2", atPlacesOf: .features(squeezed), outputs: input.channels,
        shape: [input.channels, squeezed, 1, 1], activation: .sigmoid))
    // Its sigmoid isn't recorded as a hidden layer's: to be near 0 or 1 is what a gate is for.
    gate = try chain.finish()
    // The weighting itself.
    builder.record(
      name: name, kind: "squeeze and excitation", output: input, parameterCount: 0, productFlops: 0)
    builder.endChild(&scope)
    builder.closeScope(scope)
    slopes = try builder.scratch(perSample: input.channels)
    inputSlopes = try builder.scratch(perSample: input.count)
  }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    let s = pass.memory(scales)
    gate.forward(pass, x: x, y: s)
    scaleImages(pass, x, by: s, keep: 0, into: y)
  }

  /// dx = s∘dy + what the gate answers for ds[c] = Σ_place dy·x.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    let (s, ds, gated) = (pass.memory(scales), pass.memory(slopes), pass.memory(inputSlopes))
    sumProducts(pass, dy, x, keep: 0, into: ds)
    gate.backward(pass, x: x, y: s, dy: ds, dx: dx == nil ? nil : gated)
    guard let dx else { return }
    scaleImages(pass, dy, by: s, keep: 0, into: dx)
    S.add(pass.count * outputShape.count, dx, gated, dx)
  }

  /// ẏ = s∘ẋ + ṡ∘x.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    let (s, ts) = (pass.memory(scales), pass.tangent(scales))
    gate.forwardTangent(pass, x: x, tx: tx, y: s, ty: ts)
    scaleImages(pass, x, by: ts, keep: 0, into: ty)
    if let tx { scaleImages(pass, tx, by: s, keep: 1, into: ty) }
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    let (s, ts) = (pass.memory(scales), pass.tangent(scales))
    let (ds, tds) = (pass.memory(slopes), pass.tangent(slopes))
    let (gated, gatedTangent) = (pass.memory(inputSlopes), pass.tangent(inputSlopes))
    sumProducts(pass, values.dy, values.x, keep: 0, into: ds)
    sumProducts(pass, values.tdy, values.x, keep: 0, into: tds)
    if let tx = values.tx { sumProducts(pass, values.dy, tx, keep: 1, into: tds) }
    let inner = TangentValues(
      x: values.x, tx: values.tx, y: UnsafePointer(s), ty: UnsafePointer(ts), dy: ds, tdy: tds)
    gate.backwardTangent(pass, inner, dx: dx == nil ? nil : gated, tdx: tdx == nil ? nil : gatedTangent)
    guard let dx, let tdx else { return }
    let count = pass.count * outputShape.count
    scaleImages(pass, values.dy, by: s, keep: 0, into: dx)
    S.add(count, dx, gated, dx)
    scaleImages(pass, values.tdy, by: s, keep: 0, into: tdx)
    scaleImages(pass, values.dy, by: ts, keep: 1, into: tdx)
    S.add(count, tdx, gatedTangent, tdx)
  }

  /// y = keep·y + s∘x, s one number for each sample and channel.
  private func scaleImages(
    _ pass: Pass<S>, _ x: UnsafePointer<S>, by s: UnsafePointer<S>, keep: S, into y: UnsafeMutablePointer<S>
  ) {
    let image = outputShape.count
    for n in 0..<pass.count {
      S.scaleColumns(places, channels, s + n * channels, x + n * image, keep: keep, y + n * image)
    }
  }

  /// s[c] = keep·s[c] + Σ_place d·x.
  private func sumProducts(
    _ pass: Pass<S>, _ d: UnsafePointer<S>, _ x: UnsafePointer<S>, keep: S, into s: UnsafeMutablePointer<S>
  ) {
    let image = outputShape.count
    for n in 0..<pass.count {
      S.columnProducts(places, channels, d + n * image, x + n * image, keep, s + n * channels)
    }
  }
}
