import Compute

/// Layers one after another: y = fₖ(… f₂(f₁(x))).
package struct Chain<S: Scalar>: Layer {
  /// The last layer's.
  package let outputShape: SampleShape
  /// What the last layer's output is called.
  package let outputName: String?
  private let layers: [any Layer<S>]
  /// The outputs of all layers but the last.
  private let outputs: [MemorySlot]
  /// ∂L/∂ of those outputs, taking turns.
  private let gradients: [MemorySlot]
  /// The first layer that has parameters: the gradient of its inputs serves none before it.
  private let firstTrained: Int

  fileprivate init(
    layers: [any Layer<S>], outputName: String, outputs: [MemorySlot], gradients: [MemorySlot],
    firstTrained: Int
  ) {
    precondition(!layers.isEmpty, "a chain has a layer")
    outputShape = layers[layers.count - 1].outputShape
    self.outputName = outputName
    self.layers = layers
    self.outputs = outputs
    self.gradients = gradients
    self.firstTrained = firstTrained
  }

  /// The last layer's.
  package var activation: ActivationKind? { layers[layers.count - 1].activation }

  /// Whether the first layer is a product with whole samples.
  var readsSparseRows: Bool { (layers[0] as? Linear<S>)?.readsSparseRows ?? false }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    var input = x
    // By index: an iterator over existentials boxes every element.
    for i in layers.indices {
      let output = i < outputs.count ? pass.memory(outputs[i]) : y
      layers[i].forward(pass, x: input, y: output)
      input = UnsafePointer(output)
    }
  }

  /// dx and the parameters' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    var gradient = dy
    for i in (lowest(wants: dx)..<layers.count).reversed() {
      let output = i < outputs.count ? UnsafePointer(pass.memory(outputs[i])) : y
      let input = i > 0 ? UnsafePointer(pass.memory(outputs[i - 1])) : x
      let inputGradient = i > lowest(wants: dx) ? pass.memory(gradients[i % 2]) : dx
      layers[i].backward(pass, x: input, y: output, dy: gradient, dx: inputGradient)
      if let inputGradient { gradient = inputGradient }
    }
  }

  /// ẏ from ẋ and the direction.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    var (input, tangent) = (x, tx)
    // By index: an iterator over existentials boxes every element.
    for i in layers.indices {
      let output = i < outputs.count ? UnsafePointer(pass.memory(outputs[i])) : y
      let outputTangent = i < outputs.count ? pass.tangent(outputs[i]) : ty
      layers[i].forwardTangent(pass, x: input, tx: tangent, y: output, ty: outputTangent)
      (input, tangent) = (output, UnsafePointer(outputTangent))
    }
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    var (gradient, tangent) = (values.dy, values.tdy)
    for i in (lowest(wants: dx)..<layers.count).reversed() {
      let isLast = i == outputs.count
      let inner = TangentValues(
        x: i > 0 ? UnsafePointer(pass.memory(outputs[i - 1])) : values.x,
        tx: i > 0 ? UnsafePointer(pass.tangent(outputs[i - 1])) : values.tx,
        y: isLast ? values.y : UnsafePointer(pass.memory(outputs[i])),
        ty: isLast ? values.ty : UnsafePointer(pass.tangent(outputs[i])),
        dy: gradient, tdy: tangent)
      let inputGradient = i > lowest(wants: dx) ? pass.memory(gradients[i % 2]) : dx
      let inputTangent = i > lowest(wants: dx) ? pass.tangent(gradients[i % 2]) : tdx
      layers[i].backwardTangent(pass, inner, dx: inputGradient, tdx: inputTangent)
      if let inputGradient, let inputTangent { (gradient, tangent) = (inputGradient, inputTangent) }
    }
  }

  /// The last layer to go back to.
  private func lowest(wants dx: UnsafeMutablePointer<S>?) -> Int { dx == nil ? firstTrained : 0 }
}

/// Makes a chain: `append` each layer as soon as it is made, then `finish`.
package struct ChainBuilder<S: Scalar> {
  private let builder: LayerBuilder<S>
  private var scope: ScratchScope
  private var layers: [any Layer<S>] = []
  private var outputs: [MemorySlot] = []
  /// What the last layer's output is called.
  private var outputName = ""
  private let parametersBefore: Int
  private var firstTrained: Int?

  /// An empty chain. Nothing but its layers is made until it is finished.
  package init(_ builder: LayerBuilder<S>) {
    self.builder = builder
    scope = builder.openScope()
    parametersBefore = builder.parameterCount
  }

  /// Adds the layer that was made last.
  package mutating func append(_ layer: some Layer<S>) throws(ArchitectureError) {
    builder.endChild(&scope)
    if let previous = layers.last {
      let slot = try builder.saved(perSample: previous.outputShape.count)
      outputs.append(slot)
      builder.recordHidden(previous, name: outputName, slot: slot)
    }
    outputName = layer.outputName ?? builder.summaries.last?.name ?? ""
    if firstTrained == nil, builder.parameterCount > parametersBefore { firstTrained = layers.count }
    layers.append(layer)
  }

  /// The chain of all layers that were appended.
  package func finish() throws(ArchitectureError) -> Chain<S> {
    builder.closeScope(scope)
    var gradients: [MemorySlot] = []
    // The gradient of the output between layers i − 1 and i lies in the slot i % 2.
    for parity in 0..<2 {
      let sizes = layers.indices.dropFirst().filter { $0 % 2 == parity }.map {
        layers[$0 - 1].outputShape.count
      }
      gradients.append(try builder.scratch(perSample: sizes.max() ?? 0))
    }
    return Chain(
      layers: layers, outputName: outputName, outputs: outputs, gradients: gradients,
      firstTrained: firstTrained ?? layers.count - 1)
  }
}
