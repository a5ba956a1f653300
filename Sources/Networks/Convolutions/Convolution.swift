import Compute

/// y = pool(σ(x ∗ W + b)): a square convolution over images, its bias, activation and max pooling in one pass.
///
/// x (height, width, channels), W (outputs, kernel, kernel, channels), y (height', width', outputs) with
/// height' = ((height + 2·padding − kernel)/stride + 1)/window. Products run over one padded image at a time, whose
/// patches are read where they lie, so that everything stays in the second cache (see `ImagePatches`).
package struct Convolution<S: Scalar>: Layer {
  /// The shape after pooling.
  package let outputShape: SampleShape
  let shape: ConvolutionShape
  let kind: ActivationKind
  let kink: KinkSlot?
  let weight: ParameterSlot
  let bias: ParameterSlot?
  /// Which place of its window each pooled output came from.
  let choice: MemorySlot?
  /// z, after pooling, where the backward pass needs it (or its tangent) beside σ(z).
  let preactivation: MemorySlot?
  let memory: ConvolutionMemory
  /// Where it is faster than products of patches.
  let winograd: WinogradConvolution<S>?

  /// A layer whose parameters are `name`.weight and `name`.bias. `window` 1: no pooling. Its row in the layer table shows
  /// what comes out, or without `listsPooling` what the pooling is of.
  package init(
    _ builder: LayerBuilder<S>, name: String, input: SampleShape, outputs: Int, kernel: Int, stride: Int = 1,
    padding: Int, hasBias: Bool = true, activation: Activation = .identity, window: Int = 1,
    listsPooling: Bool = true
  ) throws(ArchitectureError) {
    let shape = try ConvolutionShape(
      input, outputs: outputs, kernel: kernel, stride: stride, padding: padding, window: window)
    let kink = builder.kink(activation.kind)
    let parameters = try ConvolutionParameters(builder, name: name, shape, groups: 1, hasBias: hasBias)
    try self.init(
      builder, shape, weight: parameters.weight, bias: parameters.bias, kind: activation.kind, kink: kink)
    builder.record(
      name: name, kind: "convolution", output: listsPooling ? shape.pooled : shape.unpooled,
      parameterCount: parameters.count,
      productFlops: 2 * shape.places * shape.patch * outputs)
  }

  /// A layer whose parameters are there.
  init(
    _ builder: LayerBuilder<S>, _ shape: ConvolutionShape, weight: ParameterSlot, bias: ParameterSlot?,
    kind: ActivationKind, kink: KinkSlot?
  ) throws(ArchitectureError) {
    self.shape = shape
    outputShape = shape.pooled
    self.kind = kind
    self.kink = kink
    self.weight = weight
    self.bias = bias
    choice = shape.window > 1 ? try builder.saved(perSample: outputShape.count) : nil
    let keepsInput = kind.savesInput || builder.secondOrder && kind.isCurved
    preactivation = keepsInput ? try builder.saved(perSample: outputShape.count) : nil
    winograd = try WinogradConvolution(builder, shape, weight: weight, poolsLast: kind.savesInput)
    memory = try ConvolutionMemory(builder, shape, isDirect: winograd == nil)
  }

  package var activation: ActivationKind? { kind }

  /// y = pool(σ(x ∗ W + b)).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    if let winograd { return forward(pass, by: winograd, x: x, y: y) }
    let panels = pass.memory(memory.panels)
    S.packPanels(transpose: true, shape.patch, shape.outputs, pass.value(weight), panels)
    clearBorder(pass.memory(memory.image))
    for sample in 0..<pass.count {
      let image = padded(x + sample * shape.inputCount, pass.memory(memory.image))
      let at = sample * outputShape.count
      if choice == nil {
        let kept = kind.savesInput ? pass.memory(preactivation!) + at : y + at
        S.convolve(shape.patches, shape.outputs, image, panels, kept, shape.line)
        addBiasAndActivate(pass, places: shape.places, kept, y + at)
      } else {
        let z = pass.memory(memory.product)
        S.convolve(shape.patches, shape.outputs, image, panels, z, shape.line)
        poolAndActivate(pass, z, scratch: pass.memory(memory.gradient), at: at, y)
      }
    }
  }

  /// dx = pad(dz) ∗ flipped W, dW = Σ patchesᵀ dz, with dz what pooling and activation leave of dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    let sums = pass.memory(memory.weightGradient)
    let saved = savedValues(pass, y)
    if let winograd {
      backward(pass, by: winograd, x: x, saved: saved, dy: dy, dx: dx)
      S.addTransposed(shape.outputs, shape.patch, sums, pass.keep, pass.gradient(weight))
      return
    }
    S.fill(memory.weightGradient.count, 0, sums)
    clearBorder(pass.memory(memory.image))
    S.fill(memory.gradient.count, 0, pass.memory(memory.gradient))
    if dx != nil { prepareBack(pass.value(weight), pass.memory(memory.flipped), pass.memory(memory.panels)) }
    for sample in 0..<pass.count {
      let at = sample * outputShape.count
      activationBackward(pass, saved + at, dy + at, images: 1, keep: sample == 0 ? pass.keep : 1)
      let dz = spread(pass, dy + at, sample, pass.memory(memory.gradient))
      let image = padded(x + sample * shape.inputCount, pass.memory(memory.image))
      S.convolveWeights(shape.patches, shape.outputs, image, dz, shape.gradientLine, sums)
      if let dx {
        takeBack(
          pass, dz, pass.value(weight), pass.memory(memory.panels), dx + sample * shape.inputCount)
      }
    }
    S.addTransposed(shape.outputs, shape.patch, sums, pass.keep, pass.gradient(weight))
  }
}
