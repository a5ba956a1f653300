import Compute

/// y = the first token of a sequence: what a class token has gathered.
package struct FirstToken<S: Scalar>: Layer {
  /// The channels as a plain vector.
  package let outputShape: SampleShape
  private let tokens: Int
  private var channels: Int { outputShape.channels }

  /// The first of a sequence's tokens.
  package init(_ builder: LayerBuilder<S>, name: String, input: SampleShape) {
    outputShape = .features(input.channels)
    tokens = input.places
    Self.record(builder, name: name, input: input)
  }

  /// The row in the layer table, which stands there too where only the first token was ever computed.
  static func record(_ builder: LayerBuilder<S>, name: String, input: SampleShape) {
    builder.record(
      name: name, kind: "first token", output: .features(input.channels), parameterCount: 0, productFlops: 0)
  }

  private func take(_ pass: Pass<S>, _ x: UnsafePointer<S>, into y: UnsafeMutablePointer<S>) {
    S.takeImage(pass.count, channels, x, tokens * channels, y)
  }

  private func place(_ pass: Pass<S>, _ d: UnsafePointer<S>, into dx: UnsafeMutablePointer<S>) {
    S.fill(pass.count * tokens * channels, 0, dx)
    S.placeImage(pass.count, channels, d, tokens * channels, dx)
  }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    take(pass, x, into: y)
  }

  /// dx from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    if let dx { place(pass, dy, into: dx) }
  }

  /// ẏ from ẋ.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    if let tx { take(pass, tx, into: ty) } else { S.fill(pass.count * channels, 0, ty) }
  }

  /// What `backward` does, and its tangent.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    if let dx { place(pass, values.dy, into: dx) }
    if let tdx { place(pass, values.tdy, into: tdx) }
  }
}
