import Compute

/// y[0] = cls + pos[0] and y[1 + i] = W patchᵢ + b + pos[1 + i]: patches of an image as tokens, a class token first.
///
/// Patches don't overlap (a convolution whose stride is its size). It reads the network's input, so there is no dx.
package struct PatchEmbedding<S: Scalar>: Layer {
  /// (1 + patches) tokens.
  package let outputShape: InputShape
  private let height: Int
  private let width: Int
  private let channels: Int
  private let patch: Int
  private let outputs: Int
  private let classToken: ParameterSlot
  private let positions: ParameterSlot
  private let weight: ParameterSlot
  private let bias: ParameterSlot
  /// The patches (samples, 1 + patches, patch²·channels); row 0 of each sample is zero.
  private let patches: MemorySlot
  /// What is added to every sample's products (1 + patches, outputs), or the gradient of that.
  private let table: MemorySlot

  private var tokens: Int { outputShape.places }
  private var patchCount: Int { patch * patch * channels }

  /// Tokens of `width` channels; the parameters are `cls`, `pos`, `patch.weight` and `patch.bias`.
  package init(
    _ builder: LayerBuilder<S>, input: InputShape, patch: Int, width outputs: Int
  ) throws(ArchitectureError) {
    guard case .image(let height, let width, let channels) = input else {
      throw .invalid(field: "kind", reason: "a vision transformer needs images, the data are plain vectors")
    }
    guard height % patch == 0 && width % patch == 0 else {
      throw .invalid(
        field: "patch",
        reason: "patches of \(patch) × \(patch) don't divide the image of \(height) × \(width)")
    }
    self.height = height
    self.width = width
    self.channels = channels
    self.patch = patch
    self.outputs = outputs
    let places = height / patch * (width / patch)
    let count = patch * patch * channels
    outputShape = .image(height: 1 + places, width: 1, channels: outputs)
    classToken = try builder.parameter("cls", shape: [outputs], fanIn: outputs, role: .embedding)
    positions = try builder.parameter("pos", shape: [1 + places, outputs], fanIn: outputs, role: .embedding)
    weight = try builder.parameter(
      "patch.weight", shape: [outputs, channels, patch, patch], fanIn: count, fanOut: outputs, role: .weight,
      layout: .convolution(outputs: outputs, inputs: channels, height: patch, width: patch))
    bias = try builder.parameter(
      "patch.bias", shape: [outputs], fanIn: count, fanOut: outputs, role: .bias)
    patches = try builder.saved(perSample: (1 + places) * count)
    table = try builder.scratch(constant: (1 + places) * outputs)
    builder.record(
      name: "patch", kind: "patch embedding", output: outputShape,
      parameterCount: classToken.count + positions.count + weight.count + bias.count,
      productFlops: 2 * places * count * outputs)
  }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    S.cutPatches(
      pass.count, height: height, width: width, channels: channels, patch: patch, x, pass.memory(patches))
    embed(pass, { pass.value($0) }, into: y)
  }

  /// The parameters' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    addGradient(pass, dy, { pass.gradient($0) })
  }

  /// ẏ from the direction: y is linear in the parameters.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    embed(pass, { pass.direction($0) }, into: ty)
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    addGradient(pass, values.dy, { pass.gradient($0) })
    addGradient(pass, values.tdy, { pass.product($0) })
  }

  private func embed(
    _ pass: Pass<S>, _ parameter: (ParameterSlot) -> UnsafePointer<S>, into y: UnsafeMutablePointer<S>
  ) {
    let rows = pass.count * tokens
    S.multiplyMatrices(
      transposeA: false, transposeB: true, m: rows, n: outputs, k: patchCount, alpha: 1,
      a: pass.memory(patches), strideA: patchCount, b: parameter(weight), strideB: patchCount, beta: 0, c: y,
      strideC: outputs)
    let added = pass.memory(table)
    S.scale(tokens * outputs, 1, parameter(positions), added)
    S.addToRows(1, outputs, parameter(classToken), added)
    S.addToRows(tokens - 1, outputs, parameter(bias), added + outputs)
    S.addToRows(pass.count, tokens * outputs, added, y)
  }

  private func addGradient(
    _ pass: Pass<S>, _ dy: UnsafePointer<S>, _ gradient: (ParameterSlot) -> UnsafeMutablePointer<S>
  ) {
    let rows = pass.count * tokens
    S.multiplyMatrices(
      transposeA: true, transposeB: false, m: outputs, n: patchCount, k: rows, alpha: 1, a: dy,
      strideA: outputs, b: pass.memory(patches), strideB: patchCount, beta: pass.keep, c: gradient(weight),
      strideC: patchCount)
    let sums = pass.memory(table)
    S.columnSums(pass.count, tokens * outputs, dy, 0, sums)
    S.columnSums(1, tokens * outputs, sums, pass.keep, gradient(positions))
    S.columnSums(1, outputs, sums, pass.keep, gradient(classToken))
    S.columnSums(tokens - 1, outputs, sums + outputs, pass.keep, gradient(bias))
  }
}
