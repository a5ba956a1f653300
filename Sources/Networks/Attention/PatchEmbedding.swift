import Compute

/// y[i] = W patchᵢ + b + pos[i]: patches of an image as tokens, where wanted behind a class token y[0] = cls + pos[0].
///
/// Patches don't overlap (a convolution whose stride is its size).
package struct PatchEmbedding<S: Scalar>: Layer {
  /// The tokens.
  package let outputShape: SampleShape
  private let image: (height: Int, width: Int, channels: Int)
  private let patch: Int
  private let outputs: Int
  private let classToken: ParameterSlot?
  private let positions: ParameterSlot?
  private let weight: ParameterSlot
  private let bias: ParameterSlot
  /// The patches (samples, tokens, patch²·channels); a class token's row is zero.
  private let patches: MemorySlot
  /// ∂L/∂patches, unless the network's input feeds the layer.
  private let patchSlopes: MemorySlot?
  /// What is added to every sample's products (tokens, outputs), or the gradient of that.
  private let table: MemorySlot

  private var tokens: Int { outputShape.places }
  private var patchCount: Int { patch * patch * image.channels }
  private var imageCount: Int { image.height * image.width * image.channels }
  /// Tokens before the first patch's.
  private var lead: Int { classToken == nil ? 0 : 1 }

  /// Tokens of `width` channels; the parameters are `cls`, `pos`, `patch.weight` and `patch.bias` below `name`.
  package init(
    _ builder: LayerBuilder<S>, name: String = "", input: SampleShape, patch: Int, width outputs: Int,
    hasPositions: Bool = true, hasClassToken: Bool = true
  ) throws(ArchitectureError) {
    guard case .image(let height, let width, let channels) = input else {
      throw .invalid(field: "kind", reason: "a vision transformer needs images, the data are plain vectors")
    }
    guard height % patch == 0 && width % patch == 0 else {
      throw .invalid(
        field: "patch",
        reason: "patches of \(patch) × \(patch) don't divide the image of \(height) × \(width)")
    }
    image = (height, width, channels)
    self.patch = patch
    self.outputs = outputs
    let places = height / patch * (width / patch)
    let tokens = places + (hasClassToken ? 1 : 0)
    let count = patch * patch * channels
    let isFed = builder.parameterCount > 0
    let prefix = name.isEmpty ? "" : name + "."
    classToken =
      hasClassToken
      ? try builder.parameter("\(prefix)cls", shape: [outputs], fanIn: outputs, role: .embedding) : nil
    positions =
      hasPositions
      ? try builder.parameter("\(prefix)pos", shape: [tokens, outputs], fanIn: outputs, role: .embedding)
      : nil
    weight = try builder.parameter(
      "\(prefix)patch.weight", shape: [outputs, channels, patch, patch], fanIn: count, fanOut: outputs,
      role: .weight,
      layout: .convolution(outputs: outputs, inputs: channels, height: patch, width: patch))
    bias = try builder.parameter(
      "\(prefix)patch.bias", shape: [outputs], fanIn: count, fanOut: outputs, role: .bias)
    outputShape = .image(height: tokens, width: 1, channels: outputs)
    patches = try builder.saved(perSample: tokens * count)
    patchSlopes = isFed ? try builder.scratch(perSample: tokens * count) : nil
    table = try builder.scratch(constant: tokens * outputs)
    builder.tokens = tokens
    builder.record(
      name: name.isEmpty ? "patch" : name, kind: "patch embedding", output: outputShape,
      parameterCount: [classToken, positions, weight, bias].reduce(0) { $0 + ($1?.count ?? 0) },
      productFlops: 2 * places * count * outputs)
  }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    cut(pass, x, into: pass.memory(patches))
    multiply(pass, pass.memory(patches), pass.value(weight), keep: 0, into: y)
    addTable(pass, { pass.value($0) }, to: y)
  }

  /// dx and the parameters' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    addWeightGradient(pass, dy, pass.memory(patches), keep: pass.keep, into: pass.gradient(weight))
    addTableGradient(pass, dy, { pass.gradient($0) })
    guard let dx, let patchSlopes else { return }
    multiplyBack(pass, dy, pass.value(weight), keep: 0, into: pass.memory(patchSlopes))
    joinPatches(pass, pass.memory(patchSlopes), into: dx)
  }

  /// ẏ from ẋ and the direction.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    multiply(pass, pass.memory(patches), pass.direction(weight), keep: 0, into: ty)
    addTable(pass, { pass.direction($0) }, to: ty)
    guard let tx else { return }
    cut(pass, tx, into: pass.tangent(patches))
    multiply(pass, pass.tangent(patches), pass.value(weight), keep: 1, into: ty)
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    backward(pass, x: values.x, y: values.y, dy: values.dy, dx: dx)
    addWeightGradient(pass, values.tdy, pass.memory(patches), keep: pass.keep, into: pass.product(weight))
    if values.tx != nil {
      addWeightGradient(pass, values.dy, pass.tangent(patches), keep: 1, into: pass.product(weight))
    }
    addTableGradient(pass, values.tdy, { pass.product($0) })
    guard let tdx, let patchSlopes else { return }
    let slopes = pass.tangent(patchSlopes)
    multiplyBack(pass, values.tdy, pass.value(weight), keep: 0, into: slopes)
    multiplyBack(pass, values.dy, pass.direction(weight), keep: 1, into: slopes)
    joinPatches(pass, slopes, into: tdx)
  }

  // MARK: products

  /// y (rows, outputs) = patches Wᵀ + keep · y.
  private func multiply(
    _ pass: Pass<S>, _ patches: UnsafePointer<S>, _ weights: UnsafePointer<S>, keep: S,
    into y: UnsafeMutablePointer<S>
  ) {
    S.multiplyMatrices(
      transposeA: false, transposeB: true, m: pass.count * tokens, n: outputs, k: patchCount, alpha: 1,
      a: patches, strideA: patchCount, b: weights, strideB: patchCount, beta: keep, c: y, strideC: outputs)
  }

  /// ∂L/∂patches = dy W + keep · what is there.
  private func multiplyBack(
    _ pass: Pass<S>, _ dy: UnsafePointer<S>, _ weights: UnsafePointer<S>, keep: S,
    into slopes: UnsafeMutablePointer<S>
  ) {
    S.multiplyMatrices(
      transposeA: false, transposeB: false, m: pass.count * tokens, n: patchCount, k: outputs, alpha: 1,
      a: dy, strideA: outputs, b: weights, strideB: patchCount, beta: keep, c: slopes, strideC: patchCount)
  }

  /// dW = dyᵀ patches + keep · dW.
  private func addWeightGradient(
    _ pass: Pass<S>, _ dy: UnsafePointer<S>, _ patches: UnsafePointer<S>, keep: S,
    into gradient: UnsafeMutablePointer<S>
  ) {
    S.multiplyMatrices(
      transposeA: true, transposeB: false, m: outputs, n: patchCount, k: pass.count * tokens, alpha: 1, a: dy,
      strideA: outputs, b: patches, strideB: patchCount, beta: keep, c: gradient, strideC: patchCount)
  }

  /// Adds positions, class token and bias to every sample's tokens.
  private func addTable(
    _ pass: Pass<S>, _ parameter: (ParameterSlot) -> UnsafePointer<S>, to y: UnsafeMutablePointer<S>
  ) {
    let added = pass.memory(table)
    if let positions {
      S.scale(tokens * outputs, 1, parameter(positions), added)
    } else {
      S.fill(tokens * outputs, 0, added)
    }
    if let classToken { S.addToRows(1, outputs, parameter(classToken), added) }
    S.addToRows(tokens - lead, outputs, parameter(bias), added + lead * outputs)
    S.addToRows(pass.count, tokens * outputs, added, y)
  }

  private func addTableGradient(
    _ pass: Pass<S>, _ dy: UnsafePointer<S>, _ gradient: (ParameterSlot) -> UnsafeMutablePointer<S>
  ) {
    let sums = pass.memory(table)
    S.columnSums(pass.count, tokens * outputs, dy, 0, sums)
    if let positions { S.columnSums(1, tokens * outputs, sums, pass.keep, gradient(positions)) }
    if let classToken { S.columnSums(1, outputs, sums, pass.keep, gradient(classToken)) }
    S.columnSums(tokens - lead, outputs, sums + lead * outputs, pass.keep, gradient(bias))
  }

  // MARK: patches

  private func cut(_ pass: Pass<S>, _ x: UnsafePointer<S>, into rows: UnsafeMutablePointer<S>) {
    if lead == 1 {
      return S.cutPatches(
        pass.count, height: image.height, width: image.width, channels: image.channels, patch: patch, x, rows)
    }
    let (run, line) = (patch * image.channels, image.width * image.channels)
    eachPatch(pass) { row, corner in S.takeImage(patch, run, x + corner, line, rows + row * patchCount) }
  }

  /// What `cut` does, transposed: patches don't overlap and leave nothing out.
  private func joinPatches(_ pass: Pass<S>, _ rows: UnsafePointer<S>, into x: UnsafeMutablePointer<S>) {
    let (run, line) = (patch * image.channels, image.width * image.channels)
    eachPatch(pass) { row, corner in S.placeImage(patch, run, rows + row * patchCount, line, x + corner) }
  }

  /// Every patch's row among the tokens, and the place of its first element in the images.
  private func eachPatch(_ pass: Pass<S>, _ body: (_ row: Int, _ corner: Int) -> Void) {
    for n in 0..<pass.count {
      var row = n * tokens + lead
      for top in stride(from: 0, to: image.height, by: patch) {
        for left in stride(from: 0, to: image.width, by: patch) {
          body(row, n * imageCount + (top * image.width + left) * image.channels)
          row += 1
        }
      }
    }
  }
}
