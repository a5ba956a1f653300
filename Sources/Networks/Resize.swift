import Compute

/// y = V x Hᵀ in every channel: the image at another size by bilinear interpolation, place i of m lying at
/// (i + ½)·n/m − ½ of the n before (PyTorch's `interpolate` without aligned corners or antialiasing).
public struct Resize<S: Scalar>: Layer {
  /// The image's new shape.
  public let outputShape: InputShape
  private let old: (height: Int, width: Int)
  private let new: (height: Int, width: Int)
  private let channels: Int
  /// V (new height, height).
  private let vertical: Buffer<S>
  /// H (new width, width).
  private let horizontal: Buffer<S>
  /// One image of the old height and the new width.
  private let between: MemorySlot

  /// The resizing of an image.
  public init(
    _ builder: LayerBuilder<S>, from old: (height: Int, width: Int), to new: (height: Int, width: Int),
    channels: Int
  ) throws(ArchitectureError) {
    (self.old, self.new, self.channels) = (old, new, channels)
    outputShape = .image(height: new.height, width: new.width, channels: channels)
    vertical = Self.weights(from: old.height, to: new.height)
    horizontal = Self.weights(from: old.width, to: new.width)
    between = try builder.scratch(constant: old.height * new.width * channels)
    // The products are a way to interpolate, not the network's work.
    builder.record(name: "resize", kind: "resize", output: outputShape, parameterCount: 0, productFlops: 0)
  }

  private var oldCount: Int { old.height * old.width * channels }
  /// Of the new width.
  private var line: Int { new.width * channels }

  /// (new, old): what each old place counts at each new one; beyond the edges lies the edge.
  private static func weights(from old: Int, to new: Int) -> Buffer<S> {
    let weights = Buffer<S>(count: new * old)
    for place in 0..<new {
      let source = max((Double(place) + 0.5) * Double(old) / Double(new) - 0.5, 0)
      let low = min(Int(source), old - 1)
      let high = min(low + 1, old - 1)
      let share = source - Double(low)
      weights[place * old + low] += S(1 - share)
      weights[place * old + high] += S(share)
    }
    return weights
  }

  /// y = f(x).
  public func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    let middle = pass.memory(between)
    for n in 0..<pass.count {
      for row in 0..<old.height {
        S.multiplyMatrices(
          transposeA: false, transposeB: false, m: new.width, n: channels, k: old.width, alpha: 1,
          a: horizontal.pointer, strideA: old.width, b: x + n * oldCount + row * old.width * channels,
          strideB: channels, beta: 0, c: middle + row * line, strideC: channels)
      }
      S.multiplyMatrices(
        transposeA: false, transposeB: false, m: new.height, n: line, k: old.height, alpha: 1,
        a: vertical.pointer, strideA: old.height, b: middle, strideB: line, beta: 0,
        c: y + n * outputShape.count, strideC: line)
    }
  }

  /// dx from dy.
  public func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    if let dx { takeBack(pass, dy, into: dx) }
  }

  /// ẏ from ẋ.
  public func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    if let tx { forward(pass, x: tx, y: ty) } else { S.fill(pass.count * outputShape.count, 0, ty) }
  }

  /// What `backward` does, and its tangent.
  public func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    if let dx { takeBack(pass, values.dy, into: dx) }
    if let tdx { takeBack(pass, values.tdy, into: tdx) }
  }

  /// dx = Vᵀ dy H.
  private func takeBack(_ pass: Pass<S>, _ dy: UnsafePointer<S>, into dx: UnsafeMutablePointer<S>) {
    let middle = pass.memory(between)
    for n in 0..<pass.count {
      S.multiplyMatrices(
        transposeA: true, transposeB: false, m: old.height, n: line, k: new.height, alpha: 1,
        a: vertical.pointer, strideA: old.height, b: dy + n * outputShape.count, strideB: line, beta: 0,
        c: middle, strideC: line)
      for row in 0..<old.height {
        S.multiplyMatrices(
          transposeA: true, transposeB: false, m: old.width, n: channels, k: new.width, alpha: 1,
          a: horizontal.pointer, strideA: old.width, b: middle + row * line, strideB: channels, beta: 0,
          c: dx + n * oldCount + row * old.width * channels, strideC: channels)
      }
    }
  }
}

extension ChainBuilder {
  /// Where `resolution` asks for it, the resizing of both sides to the nearest whole number of places; the shape that
  /// comes out.
  mutating func appendResizing(
    of input: InputShape, by resolution: Double, _ builder: LayerBuilder<S>
  ) throws(ArchitectureError) -> InputShape {
    guard (1.0 / 16...16).contains(resolution) else {
      throw .invalid(field: "resolution", reason: "from 0.0625 to 16")
    }
    guard case .image(let height, let width, let channels) = input, resolution != 1 else { return input }
    let resize = try Resize(
      builder, from: (height, width),
      to: (Multipliers.nearest(height, times: resolution), Multipliers.nearest(width, times: resolution)),
      channels: channels)
    try append(resize)
    return resize.outputShape
  }
}
