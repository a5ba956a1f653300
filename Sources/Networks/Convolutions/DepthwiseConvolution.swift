import Compute

/// y[·, c] = x[·, c] ∗ w[·, c] + b[c]: every channel convolved with k × k taps of its own.
package struct DepthwiseConvolution<S: Scalar>: Layer {
  /// The input's channels, with sides ⌊(side + 2·padding − k)/stride⌋ + 1.
  package let outputShape: SampleShape
  private let weight: ParameterSlot
  private let bias: ParameterSlot?
  private let one: DepthwiseSizes

  /// A layer named `name`.weight and `name`.bias; the border is less wide than the taps.
  package init(
    _ builder: LayerBuilder<S>, name: String, input: SampleShape, taps: Int, stride: Int, padding: Int,
    hasBias: Bool
  ) throws(ArchitectureError) {
    guard case .image(let height, let width, let channels) = input else {
      throw .invalid(field: "kind", reason: "a convolution needs images, the data are plain vectors")
    }
    one = DepthwiseSizes(
      images: 1, height: height, width: width, channels: channels, taps: taps, stride: stride,
      padding: padding)
    outputShape = .image(height: one.outputHeight, width: one.outputWidth, channels: channels)
    weight = try builder.parameter(
      "\(name).weight", shape: [channels, 1, taps, taps], fanIn: taps * taps, fanOut: taps * taps,
      role: .weight, layout: .depthwise(channels: channels, taps: taps * taps))
    bias =
      hasBias
      ? try builder.parameter(
        "\(name).bias", shape: [channels], fanIn: taps * taps, fanOut: taps * taps, role: .bias) : nil
    builder.record(
      name: name, kind: "depthwise convolution", output: outputShape,
      parameterCount: weight.count + (bias?.count ?? 0),
      productFlops: 2 * taps * taps * outputShape.count)
  }

  private func sizes(_ pass: Pass<S>) -> DepthwiseSizes {
    var sizes = one
    sizes.images = pass.count
    return sizes
  }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    S.depthwise(sizes(pass), x: x, weights: pass.value(weight), keep: 0, y: y)
    if let bias { S.addToRows(rows(pass), outputShape.channels, pass.value(bias), y) }
  }

  private func rows(_ pass: Pass<S>) -> Int { pass.count * outputShape.places }

  /// dx and the weights' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    S.depthwiseBackwardWeights(sizes(pass), x: x, dy: dy, keep: pass.keep, gradient: pass.gradient(weight))
    if let bias { S.columnSums(rows(pass), outputShape.channels, dy, pass.keep, pass.gradient(bias)) }
    if let dx { S.depthwiseBackwardInput(sizes(pass), dy: dy, weights: pass.value(weight), keep: 0, dx: dx) }
  }

  /// ẏ from ẋ and the direction.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    S.depthwise(sizes(pass), x: x, weights: pass.direction(weight), keep: 0, y: ty)
    if let tx { S.depthwise(sizes(pass), x: tx, weights: pass.value(weight), keep: 1, y: ty) }
    if let bias { S.addToRows(rows(pass), outputShape.channels, pass.direction(bias), ty) }
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    let sizes = sizes(pass)
    backward(pass, x: values.x, y: values.y, dy: values.dy, dx: dx)
    S.depthwiseBackwardWeights(
      sizes, x: values.x, dy: values.tdy, keep: pass.keep, gradient: pass.product(weight))
    if let tx = values.tx {
      S.depthwiseBackwardWeights(sizes, x: tx, dy: values.dy, keep: 1, gradient: pass.product(weight))
    }
    if let bias { S.columnSums(rows(pass), outputShape.channels, values.tdy, pass.keep, pass.product(bias)) }
    guard let tdx else { return }
    S.depthwiseBackwardInput(sizes, dy: values.tdy, weights: pass.value(weight), keep: 0, dx: tdx)
    S.depthwiseBackwardInput(sizes, dy: values.dy, weights: pass.direction(weight), keep: 1, dx: tdx)
  }
}
