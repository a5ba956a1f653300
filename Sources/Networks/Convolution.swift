import Compute

/// y = pool(σ(x ∗ W + b)): a square convolution over images, its bias, activation and max pooling in one pass.
///
/// x (height, width, channels), W (outputs, kernel, kernel, channels), y (height', width', outputs) with
/// height' = ((height + 2·padding − kernel)/stride + 1)/window. Products run over one padded image at a time, whose
/// patches are read where they lie, so that everything stays in the second cache (see `ImagePatches`).
public struct Convolution<S: Scalar>: Layer {
  /// The shape after pooling.
  public let outputShape: InputShape
  let shape: ConvolutionShape
  let kind: ActivationKind
  let weight: ParameterSlot
  let bias: ParameterSlot?
  /// Which place of its window each pooled output came from.
  let choice: MemorySlot?
  /// z, after pooling, where the backward pass needs it (or its tangent) beside σ(z).
  let preactivation: MemorySlot?
  let memory: ConvolutionMemory
  /// Where it is faster than products of patches.
  let winograd: WinogradConvolution<S>?

  /// A layer whose parameters are `name`.weight and `name`.bias. `window` 1: no pooling.
  public init(
    _ builder: LayerBuilder<S>, name: String, input: InputShape, outputs: Int, kernel: Int, stride: Int = 1,
    padding: Int, hasBias: Bool = true, activation: Activation = .identity, window: Int = 1
  ) throws(ArchitectureError) {
    shape = try ConvolutionShape(
      input, outputs: outputs, kernel: kernel, stride: stride, padding: padding, window: window)
    outputShape = shape.pooled
    kind = activation.kind
    let fanIn = shape.channels * kernel * kernel
    weight = try builder.parameter(
      "\(name).weight", shape: [outputs, shape.channels, kernel, kernel], fanIn: fanIn,
      fanOut: outputs * kernel * kernel, role: .weight,
      layout: .convolution(outputs: outputs, inputs: shape.channels, height: kernel, width: kernel))
    bias =
      hasBias
      ? try builder.parameter(
        "\(name).bias", shape: [outputs], fanIn: fanIn, fanOut: outputs * kernel * kernel, role: .bias) : nil
    choice = window > 1 ? try builder.saved(perSample: outputShape.count) : nil
    let keepsInput = kind.savesInput || builder.secondOrder && kind.isCurved
    preactivation = keepsInput ? try builder.saved(perSample: outputShape.count) : nil
    winograd = try WinogradConvolution(builder, shape, weight: weight)
    memory = try ConvolutionMemory(builder, shape, isDirect: winograd == nil)
    builder.record(
      name: name, kind: "convolution", output: outputShape,
      parameterCount: weight.count + (bias?.count ?? 0),
      productFlops: 2 * shape.places * shape.patch * outputs)
  }

  /// y = pool(σ(x ∗ W + b)).
  public func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    let bias = bias.map { pass.value($0) }
    if let winograd {
      let z = kind.savesInput ? pass.memory(preactivation!) : y
      winograd.forward(pass, x: x, z: z)
      if bias != nil || kind != .identity {
        S.biasActivation(kind, pass.count * outputShape.places, shape.outputs, bias, z, y)
      }
      return
    }
    let panels = pass.memory(memory.panels)
    S.packPanels(transpose: true, shape.patch, shape.outputs, pass.value(weight), panels)
    clearBorder(pass.memory(memory.image))
    let places = outputShape.places
    for sample in 0..<pass.count {
      let image = padded(x + sample * shape.inputCount, pass.memory(memory.image))
      let out = y + sample * outputShape.count
      let kept = kind.savesInput ? pass.memory(preactivation!) + sample * outputShape.count : out
      guard let choice else {
        S.convolve(shape.patches, shape.outputs, image, panels, kept, shape.line)
        if bias != nil || kind != .identity {
          S.biasActivation(kind, places, shape.outputs, bias, kept, out)
        }
        continue
      }
      let chosen = pass.memory(choice) + sample * outputShape.count
      let z = pass.memory(memory.product)
      S.convolve(shape.patches, shape.outputs, image, panels, z, shape.line)
      if kind.savesInput {
        // These aren't monotone: the largest value needn't come from the largest z.
        let a = pass.memory(memory.gradient)
        S.biasActivation(kind, shape.places, shape.outputs, bias, z, a)
        pool(a, out, chosen)
        pick(z, chosen, kept)
      } else {
        pool(z, out, chosen)
        S.biasActivation(kind, places, shape.outputs, bias, out, out)
      }
    }
  }

  /// dx = pad(dz) ∗ flipped W, dW = Σ patchesᵀ dz, with dz what pooling and activation leave of dy.
  public func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    let sums = pass.memory(memory.weightGradient)
    if let winograd {
      activationBackward(pass, savedValues(pass, y), dy, images: pass.count, keep: pass.keep)
      winograd.backward(pass, x: x, dz: dy, dw: sums, dx: dx)
      S.addTransposed(shape.outputs, shape.patch, sums, pass.keep, pass.gradient(weight))
      return
    }
    S.fill(memory.weightGradient.count, 0, sums)
    clearBorder(pass.memory(memory.image))
    S.fill(memory.gradient.count, 0, pass.memory(memory.gradient))
    if dx != nil { prepareBack(pass.value(weight), pass.memory(memory.flipped), pass.memory(memory.panels)) }
    let saved = savedValues(pass, y)
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

  private func activationBackward(
    _ pass: Pass<S>, _ saved: UnsafePointer<S>, _ d: UnsafeMutablePointer<S>, images: Int, keep: S
  ) {
    let places = images * outputShape.places
    if kind != .identity {
      S.activationBackward(kind, places, shape.outputs, saved, d, keep, bias.map { pass.gradient($0) })
    } else if let bias {
      S.columnSums(places, shape.outputs, d, keep, pass.gradient(bias))
    }
  }
}
