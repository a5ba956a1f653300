import Compute

/// y[·, group] = x[·, group] ∗ W[group] + b[group]: as many convolutions side by side, each of its own channels.
///
/// x (height, width, groups · inputs), W (groups · outputs, kernel, kernel, inputs), y (height', width', groups ·
/// outputs). Each group's channels are taken out, convolved and put back, for the whole batch at once.
package struct GroupedConvolution<S: Scalar>: Layer {
  /// All groups' outputs.
  package let outputShape: SampleShape
  private let input: SampleShape
  private let groups: [Convolution<S>]
  /// A group's x and y, and their slopes.
  private let inputs: MemorySlot
  private let outputs: MemorySlot
  private let slopes: MemorySlot
  private let inputSlopes: MemorySlot

  /// A layer whose parameters are `name`.weight and `name`.bias; `count` groups divide the channels on both sides.
  package init(
    _ builder: LayerBuilder<S>, name: String, input: SampleShape, outputs: Int, kernel: Int, stride: Int,
    padding: Int, groups count: Int, hasBias: Bool
  ) throws(ArchitectureError) {
    guard case .image(let height, let width, let channels) = input else {
      throw .invalid(field: "kind", reason: "a convolution needs images, the data are plain vectors")
    }
    precondition(
      count > 0 && channels % count == 0 && outputs % count == 0, "groups that divide the channels")
    self.input = input
    let shape = try ConvolutionShape(
      .image(height: height, width: width, channels: channels / count), outputs: outputs / count,
      kernel: kernel, stride: stride, padding: padding, window: 1)
    outputShape = .image(height: shape.outHeight, width: shape.outWidth, channels: outputs)
    let whole = try ConvolutionParameters(builder, name: name, shape, groups: count, hasBias: hasBias)
    inputs = try builder.scratch(perSample: shape.inputCount)
    self.outputs = try builder.scratch(perSample: shape.pooled.count)
    slopes = try builder.scratch(perSample: shape.pooled.count)
    inputSlopes = try builder.scratch(perSample: shape.inputCount)
    var scope = builder.openScope()
    var groups: [Convolution<S>] = []
    for number in 0..<count {
      groups.append(
        try Convolution(
          builder, shape, weight: whole.weight.part(number, of: count),
          bias: whole.bias?.part(number, of: count), kind: .identity, kink: nil))
      builder.endChild(&scope)
    }
    builder.closeScope(scope)
    self.groups = groups
    builder.record(
      name: name, kind: "convolution", output: outputShape, parameterCount: whole.count,
      productFlops: 2 * shape.places * shape.patch * outputs)
  }

  /// A group's channels from all of them.
  private func take(
    _ pass: Pass<S>, _ number: Int, of shape: SampleShape, _ all: UnsafePointer<S>, _ own: MemorySlot,
    tangent: Bool = false
  ) -> UnsafeMutablePointer<S> {
    let channels = shape.channels / groups.count
    let result = tangent ? pass.tangent(own) : pass.memory(own)
    S.takeImage(pass.count * shape.places, channels, all + number * channels, shape.channels, result)
    return result
  }

  /// A group's channels to their places among all.
  private func place(
    _ pass: Pass<S>, _ number: Int, of shape: SampleShape, _ own: UnsafePointer<S>,
    _ all: UnsafeMutablePointer<S>
  ) {
    let channels = shape.channels / groups.count
    S.placeImage(pass.count * shape.places, channels, own, shape.channels, all + number * channels)
  }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    for number in groups.indices {
      let own = pass.memory(outputs)
      groups[number].forward(pass, x: take(pass, number, of: input, x, inputs), y: own)
      place(pass, number, of: outputShape, own, y)
    }
  }

  /// dx and the parameters' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    for number in groups.indices {
      let own = dx == nil ? nil : pass.memory(inputSlopes)
      groups[number].backward(
        pass, x: take(pass, number, of: input, x, inputs), y: pass.memory(outputs),
        dy: take(pass, number, of: outputShape, dy, slopes), dx: own)
      if let dx, let own { place(pass, number, of: input, own, dx) }
    }
  }

  /// ẏ from ẋ and the direction.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    for number in groups.indices {
      let own = pass.tangent(outputs)
      groups[number].forwardTangent(
        pass, x: take(pass, number, of: input, x, inputs),
        tx: tx.map { UnsafePointer(take(pass, number, of: input, $0, inputs, tangent: true)) },
        y: pass.memory(outputs), ty: own)
      place(pass, number, of: outputShape, own, ty)
    }
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    for number in groups.indices {
      let own = TangentValues(
        x: UnsafePointer(take(pass, number, of: input, values.x, inputs)),
        tx: values.tx.map { UnsafePointer(take(pass, number, of: input, $0, inputs, tangent: true)) },
        y: UnsafePointer(pass.memory(outputs)), ty: UnsafePointer(pass.tangent(outputs)),
        dy: take(pass, number, of: outputShape, values.dy, slopes),
        tdy: take(pass, number, of: outputShape, values.tdy, slopes, tangent: true))
      let (slopes, tangents) = (pass.memory(inputSlopes), pass.tangent(inputSlopes))
      groups[number].backwardTangent(
        pass, own, dx: dx == nil ? nil : slopes, tdx: tdx == nil ? nil : tangents)
      if let dx { place(pass, number, of: input, slopes, dx) }
      if let tdx { place(pass, number, of: input, tangents, tdx) }
    }
  }
}

extension ParameterSlot {
  /// The n-th of so many equal parts.
  func part(_ number: Int, of parts: Int) -> ParameterSlot {
    ParameterSlot(offset: offset + number * (count / parts), count: count / parts)
  }
}
