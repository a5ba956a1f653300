import Compute

/// The image at another size by bilinear interpolation, place i of m lying at (i + ½)·n/m − ½ of the n before (PyTorch's
/// `interpolate` without aligned corners or antialiasing).
package struct Resize<S: Scalar>: Layer {
  /// The image's new shape.
  package let outputShape: SampleShape
  private let width: Int
  private let channels: Int
  /// What each new row is made of, and each new place of a row.
  private let rows: [Mixture]
  private let places: [Mixture]
  private let oldHeight: Int
  /// One image of the old height and the new width.
  private let between: MemorySlot

  /// (1 − share) · low + share · high, of two neighbours among the old rows or places; beyond an edge lies the edge.
  private struct Mixture {
    let low: Int
    let high: Int
    let share: S

    init(place: Int, of new: Int, from old: Int) {
      let source = max((Double(place) + 0.5) * Double(old) / Double(new) - 0.5, 0)
      low = min(Int(source), old - 1)
      high = min(low + 1, old - 1)
      share = S(source - Double(low))
    }
  }

  /// The resizing of an image.
  package init(
    _ builder: LayerBuilder<S>, from old: (height: Int, width: Int), to new: (height: Int, width: Int),
    channels: Int
  ) throws(ArchitectureError) {
    (oldHeight, width, self.channels) = (old.height, old.width, channels)
    outputShape = .image(height: new.height, width: new.width, channels: channels)
    rows = (0..<new.height).map { Mixture(place: $0, of: new.height, from: old.height) }
    places = (0..<new.width).map { Mixture(place: $0, of: new.width, from: old.width) }
    between = try builder.scratch(constant: old.height * new.width * channels)
    builder.record(name: "resize", kind: "resize", output: outputShape, parameterCount: 0, productFlops: 0)
  }

  private var oldCount: Int { oldHeight * width * channels }
  /// Of the new width.
  private var line: Int { places.count * channels }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    let middle = pass.memory(between)
    for n in 0..<pass.count {
      for row in 0..<oldHeight {
        let old = x + n * oldCount + row * width * channels
        mix(places, of: channels, old, into: middle + row * line)
      }
      mix(rows, of: line, middle, into: y + n * outputShape.count)
    }
  }

  /// dx from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    if let dx { takeBack(pass, dy, into: dx) }
  }

  /// ẏ from ẋ.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    if let tx { forward(pass, x: tx, y: ty) } else { S.fill(pass.count * outputShape.count, 0, ty) }
  }

  /// What `backward` does, and its tangent.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    if let dx { takeBack(pass, values.dy, into: dx) }
    if let tdx { takeBack(pass, values.tdy, into: tdx) }
  }

  /// What `forward` does, transposed.
  private func takeBack(_ pass: Pass<S>, _ dy: UnsafePointer<S>, into dx: UnsafeMutablePointer<S>) {
    let middle = pass.memory(between)
    for n in 0..<pass.count {
      separate(rows, of: line, dy + n * outputShape.count, into: middle, count: oldHeight)
      for row in 0..<oldHeight {
        let old = dx + n * oldCount + row * width * channels
        separate(places, of: channels, middle + row * line, into: old, count: width)
      }
    }
  }

  /// Every mixture of stretches of `length` numbers, one after another.
  private func mix(
    _ mixtures: [Mixture], of length: Int, _ x: UnsafePointer<S>, into y: UnsafeMutablePointer<S>
  ) {
    for (place, mixture) in mixtures.enumerated() {
      S.combine(
        length, 1 - mixture.share, x + mixture.low * length, mixture.share, x + mixture.high * length,
        y + place * length)
    }
  }

  /// Each mixture's slope shared out among the `count` stretches that were mixed.
  private func separate(
    _ mixtures: [Mixture], of length: Int, _ dy: UnsafePointer<S>, into dx: UnsafeMutablePointer<S>,
    count: Int
  ) {
    S.fill(count * length, 0, dx)
    for (place, mixture) in mixtures.enumerated() {
      S.addScaled(length, 1 - mixture.share, dy + place * length, dx + mixture.low * length)
      S.addScaled(length, mixture.share, dy + place * length, dx + mixture.high * length)
    }
  }
}
