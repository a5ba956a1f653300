import Compute

/// y = σ(x Wᵀ + b) at every place: x (rows, inputs), W (outputs, inputs), y (rows, outputs).
///
/// rows = samples × places: an image's places are rows of their own unless it is flattened.
package struct Linear<S: Scalar>: Layer {
  /// What the layer makes of a sample.
  package let outputShape: SampleShape
  let inputs: Int
  let outputs: Int
  let places: Int
  let kind: ActivationKind
  let kink: KinkSlot?
  let weight: ParameterSlot
  let bias: ParameterSlot?
  /// z = x Wᵀ + b, where the backward pass needs it (or its tangent) beside σ(z); σ'(z) where `keepsSlope`.
  let preactivation: MemorySlot?
  /// Whether forward finds σ'(z) along with σ(z), whose exponential they share: where no tangent will ask for z.
  let keepsSlope: Bool
  /// Whether it is the network's first layer and takes whole samples: then their sparse form will do.
  let readsSparseRows: Bool

  /// A layer that flattens its input, named `name`.weight and `name`.bias.
  package init(
    _ builder: LayerBuilder<S>, name: String, input: SampleShape, outputs: Int, hasBias: Bool = true,
    activation: Activation = .identity, isOutput: Bool = false
  ) throws(ArchitectureError) {
    var layout = ParameterTensor.Layout.plain
    if case .image(let height, let width, let channels) = input, height * width > 1 {
      layout = .flattened(outputs: outputs, channels: channels, height: height, width: width)
    }
    try self.init(
      builder, name: name, rows: .features(input.count), output: .features(outputs), layout: layout,
      shape: [outputs, input.count], hasBias: hasBias, activation: activation, isOutput: isOutput)
  }

  /// A layer that is applied at every place of an image or sequence, channels to channels. `shape` is the weight's in
  /// PyTorch: (outputs, inputs) unless said, (outputs, inputs, 1, 1) for a 1×1 convolution.
  package init(
    _ builder: LayerBuilder<S>, name: String, atPlacesOf input: SampleShape, outputs: Int,
    shape: [Int]? = nil,
    hasBias: Bool = true, activation: Activation = .identity, isOutput: Bool = false,
    tableKind: String = "linear"
  ) throws(ArchitectureError) {
    let output: SampleShape
    switch input {
    case .features: output = .features(outputs)
    case .image(let height, let width, _):
      output = .image(height: height, width: width, channels: outputs)
    }
    try self.init(
      builder, name: name, rows: input, output: output, layout: .plain,
      shape: shape ?? [outputs, input.channels], hasBias: hasBias, activation: activation, isOutput: isOutput,
      tableKind: tableKind)
  }

  private init(
    _ builder: LayerBuilder<S>, name: String, rows: SampleShape, output: SampleShape,
    layout: ParameterTensor.Layout, shape: [Int], hasBias: Bool, activation: Activation, isOutput: Bool,
    tableKind: String = "linear"
  ) throws(ArchitectureError) {
    inputs = rows.channels
    places = rows.places
    readsSparseRows = builder.isAtInput && places == 1
    outputs = output.channels
    outputShape = output
    kind = activation.kind
    kink = builder.kink(kind)
    weight = try builder.parameter(
      "\(name).weight", shape: shape, fanIn: inputs, fanOut: outputs, role: .weight, layout: layout,
      isOutput: isOutput)
    bias =
      hasBias
      ? try builder.parameter(
        "\(name).bias", shape: [outputs], fanIn: inputs, fanOut: outputs, role: .bias, isOutput: isOutput)
      : nil
    let keepsInput = kind.savesInput || builder.secondOrder && kind.isCurved
    preactivation = keepsInput ? try builder.saved(perSample: output.count) : nil
    keepsSlope = kind.savesInput && !builder.secondOrder
    builder.record(
      name: name, kind: tableKind, output: output, parameterCount: weight.count + (bias?.count ?? 0),
      productFlops: 2 * places * inputs * outputs)
  }

  package var activation: ActivationKind? { kind }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    let rows = pass.count * places
    let z = kind.savesInput ? pass.memory(preactivation!) : y
    if readsSparseRows, let batch = pass.sparse {
      batch.multiply(outputs: outputs, pass.value(weight), into: z)
    } else {
      multiply(rows, x, pass.value(weight), into: z)
    }
    if keepsSlope {
      S.biasActivationSlope(kind, rows, outputs, bias.map { pass.value($0) }, z, y)
    } else if bias != nil || kind != .identity {
      pass.activate(kind, kink, rows, outputs, bias.map { pass.value($0) }, z, y)
    }
  }

  /// dx and the parameters' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    let rows = pass.count * places
    let saved = kind.savesInput ? UnsafePointer(pass.memory(preactivation!)) : y
    if keepsSlope { S.multiply(rows * outputs, dy, saved, dy) }
    if keepsSlope || kind == .identity {
      if let bias { S.columnSums(rows, outputs, dy, pass.keep, pass.gradient(bias)) }
    } else {
      pass.activationBackward(
        kind, kink, rows, outputs, saved, dy, pass.keep, bias.map { pass.gradient($0) })
    }
    if readsSparseRows, let batch = pass.sparse {
      batch.weightGradient(outputs: outputs, dy, adds: pass.keep != 0, into: pass.gradient(weight))
    } else {
      addWeightGradient(rows, dy, x, keep: pass.keep, into: pass.gradient(weight))
    }
    if let dx { multiplyBack(rows, dy, pass.value(weight), keep: 0, into: dx) }
  }

  /// z (rows, outputs) = x Wᵀ + keep · z.
  func multiply(
    _ rows: Int, _ x: UnsafePointer<S>, _ weights: UnsafePointer<S>, keep: S = 0,
    into z: UnsafeMutablePointer<S>
  ) {
    S.multiplyMatrices(
      transposeA: false, transposeB: true, m: rows, n: outputs, k: inputs, alpha: 1, a: x, strideA: inputs,
      b: weights, strideB: inputs, beta: keep, c: z, strideC: outputs)
  }

  /// dx (rows, inputs) = dz W + keep · dx.
  func multiplyBack(
    _ rows: Int, _ dz: UnsafePointer<S>, _ weights: UnsafePointer<S>, keep: S,
    into dx: UnsafeMutablePointer<S>
  ) {
    S.multiplyMatrices(
      transposeA: false, transposeB: false, m: rows, n: inputs, k: outputs, alpha: 1, a: dz, strideA: outputs,
      b: weights, strideB: inputs, beta: keep, c: dx, strideC: inputs)
  }

  /// dW (outputs, inputs) = dzᵀ x + keep · dW.
  func addWeightGradient(
    _ rows: Int, _ dz: UnsafePointer<S>, _ x: UnsafePointer<S>, keep: S,
    into gradient: UnsafeMutablePointer<S>
  ) {
    S.multiplyMatrices(
      transposeA: true, transposeB: false, m: outputs, n: inputs, k: rows, alpha: 1, a: dz, strideA: outputs,
      b: x, strideB: inputs, beta: keep, c: gradient, strideC: inputs)
  }
}
