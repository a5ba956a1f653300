import Compute

/// y[c] = the mean of x[place, c] over the image's places.
package struct GlobalAveragePool<S: Scalar>: Layer {
  /// The channels as a plain vector.
  package let outputShape: SampleShape
  private let places: Int
  private var channels: Int { outputShape.channels }

  /// The pool of an image.
  package init(
    _ builder: LayerBuilder<S>, name: String, kind: String = "average pool", shape: SampleShape
  ) {
    outputShape = .features(shape.channels)
    places = shape.places
    builder.record(
      name: name, kind: kind, output: outputShape, parameterCount: 0, productFlops: 0)
  }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    for n in 0..<pass.count { S.columnSums(places, channels, x + n * places * channels, 0, y + n * channels) }
    S.scale(pass.count * channels, 1 / S(places), y, y)
  }

  /// dx from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    guard let dx else { return }
    spread(pass, dy, into: dx)
  }

  /// ẏ from ẋ.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    if let tx { forward(pass, x: tx, y: ty) } else { S.fill(pass.count * channels, 0, ty) }
  }

  /// What `backward` does, and its tangent.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    if let dx { spread(pass, values.dy, into: dx) }
    if let tdx { spread(pass, values.tdy, into: tdx) }
  }

  private func spread(_ pass: Pass<S>, _ dy: UnsafePointer<S>, into dx: UnsafeMutablePointer<S>) {
    for n in 0..<pass.count {
      S.spreadRows(
        places, channels, 1 / S(places), dy + n * channels, keep: 0, dx + n * places * channels)
    }
  }
}
