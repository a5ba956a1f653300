import Compute

/// y = γx̂ + β, x̂ = (x − mean)/√(variance + 10⁻⁵) over the channels of each place (Ba, Kiros and Hinton 2016).
package struct LayerNormalization<S: Scalar>: Layer {
  /// The input's shape.
  package let outputShape: SampleShape
  private let scale: ParameterSlot
  private let shift: ParameterSlot
  /// (mean, 1/√(variance + 10⁻⁵)) of every place.
  private let moments: MemorySlot
  /// The tangent of the network's input, where that feeds the layer.
  private let still: MemorySlot?

  private var places: Int { outputShape.places }
  private var channels: Int { outputShape.channels }

  /// A layer named `name`.weight and `name`.bias.
  package init(_ builder: LayerBuilder<S>, name: String, shape: SampleShape) throws(ArchitectureError) {
    outputShape = shape
    still = try builder.stillInput(shape)
    scale = try builder.parameter(
      "\(name).weight", shape: [shape.channels], fanIn: 1, role: .normalizationScale)
    shift = try builder.parameter(
      "\(name).bias", shape: [shape.channels], fanIn: 1, role: .normalizationShift)
    moments = try builder.saved(perSample: 2 * shape.places)
    builder.record(
      name: name, kind: "layer norm", output: shape, parameterCount: 2 * shape.channels, productFlops: 0)
  }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    S.layerNorm(
      pass.count * places, channels, epsilon: 1e-5, gamma: pass.value(scale), beta: pass.value(shift), x: x,
      y: y, moments: pass.memory(moments))
  }

  /// dx and the parameters' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    backward(pass, x: x, dy: dy, addend: nil, dx: dx ?? dy)
  }

  /// dx = addend + (∂y/∂x)ᵀ dy: a residual branch ends in this sum.
  func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, dy: UnsafePointer<S>, addend: UnsafePointer<S>?,
    dx: UnsafeMutablePointer<S>
  ) {
    S.layerNormBackward(
      pass.count * places, channels, gamma: pass.value(scale), moments: pass.memory(moments), x: x, dy: dy,
      addend: addend, dx: dx, keep: pass.keep, gammaGradient: pass.gradient(scale),
      betaGradient: pass.gradient(shift))
  }

  /// ẏ from ẋ and the direction.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    let tx = tx ?? pass.zeros(still)
    S.layerNormTangent(
      pass.count * places, channels, gamma: pass.value(scale), gammaTangent: pass.direction(scale),
      betaTangent: pass.direction(shift), moments: pass.memory(moments), x: x, t: tx, ty: ty)
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    let tx = values.tx ?? pass.zeros(still)
    S.layerNormBackwardTangent(
      pass.count * places, channels, gamma: pass.value(scale), gammaTangent: pass.direction(scale),
      moments: pass.memory(moments), x: values.x, t: tx, dy: values.dy, tdy: values.tdy,
      tdx: tdx ?? values.tdy, keep: pass.keep, gammaProduct: pass.product(scale),
      betaProduct: pass.product(shift))
    backward(pass, x: values.x, dy: values.dy, addend: nil, dx: dx ?? values.dy)
  }
}
