import Compute

/// How neighbouring places become one.
package enum PoolingKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// The largest.
  case max
  /// The mean.
  case average
}

/// y = the largest of each window of window × window places; rows and columns that fill no window are left out.
package struct MaximumPooling<S: Scalar>: Layer {
  /// The image of windows.
  package let outputShape: SampleShape
  private let height: Int
  private let width: Int
  private let channels: Int
  private let window: Int
  private let choice: MemorySlot

  /// Pooling of an image that holds a window at least.
  package init(
    _ builder: LayerBuilder<S>, name: String, input: SampleShape, window: Int
  ) throws(ArchitectureError) {
    outputShape = try pooledShape(input, window)
    guard case .image(let height, let width, let channels) = input else {
      preconditionFailure("only images are pooled")
    }
    (self.height, self.width, self.channels, self.window) = (height, width, channels, window)
    choice = try builder.saved(perSample: outputShape.count)
    builder.record(
      name: name, kind: PoolingKind.max.layerKind, output: outputShape, parameterCount: 0, productFlops: 0)
  }

  private var inputCount: Int { height * width * channels }

  private func pick(_ pass: Pass<S>, _ x: UnsafePointer<S>, _ y: UnsafeMutablePointer<S>) {
    for sample in 0..<pass.count {
      S.poolPick(
        height, width, channels, window, x + sample * inputCount,
        pass.memory(choice) + sample * outputShape.count, y + sample * outputShape.count)
    }
  }

  private func scatter(_ pass: Pass<S>, _ d: UnsafePointer<S>, _ dx: UnsafeMutablePointer<S>) {
    for sample in 0..<pass.count {
      S.poolScatter(
        height, width, channels, window, d + sample * outputShape.count,
        pass.memory(choice) + sample * outputShape.count, width * channels, dx + sample * inputCount)
    }
  }

  /// y = max over each window.
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    for sample in 0..<pass.count {
      S.poolMaximum(
        height, width, channels, window, x + sample * inputCount, y + sample * outputShape.count,
        pass.memory(choice) + sample * outputShape.count)
    }
  }

  /// dx = dy where the largest was.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    if let dx { scatter(pass, dy, dx) }
  }

  /// ẏ = ẋ where the largest was.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    if let tx { pick(pass, tx, ty) } else { S.fill(pass.count * outputShape.count, 0, ty) }
  }

  /// What `backward` does, for dy and its tangent.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    if let dx { scatter(pass, values.dy, dx) }
    if let tdx { scatter(pass, values.tdy, tdx) }
  }
}

/// y = the mean of each window of window × window places; rows and columns that fill no window are left out.
package struct AveragePooling<S: Scalar>: Layer {
  /// The image of windows.
  package let outputShape: SampleShape
  private let height: Int
  private let width: Int
  private let channels: Int
  private let window: Int

  /// Pooling of an image that holds a window at least.
  package init(
    _ builder: LayerBuilder<S>, name: String, input: SampleShape, window: Int
  ) throws(ArchitectureError) {
    guard case .image(let height, let width, let channels) = input else {
      throw .invalid(field: "pooling", reason: "only images are pooled")
    }
    (self.height, self.width, self.channels, self.window) = (height, width, channels, window)
    outputShape = try pooledShape(input, window)
    builder.record(
      name: name, kind: PoolingKind.average.layerKind, output: outputShape, parameterCount: 0, productFlops: 0
    )
  }

  private func average(_ pass: Pass<S>, _ x: UnsafePointer<S>, _ y: UnsafeMutablePointer<S>) {
    for sample in 0..<pass.count {
      S.poolAverage(
        height, width, channels, window, x + sample * height * width * channels,
        y + sample * outputShape.count)
    }
  }

  private func spread(_ pass: Pass<S>, _ d: UnsafePointer<S>, _ dx: UnsafeMutablePointer<S>) {
    for sample in 0..<pass.count {
      S.poolAverageBackward(
        height, width, channels, window, d + sample * outputShape.count,
        dx + sample * height * width * channels)
    }
  }

  /// y = the mean over each window.
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    average(pass, x, y)
  }

  /// dx = dy / window².
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    if let dx { spread(pass, dy, dx) }
  }

  /// ẏ = the mean of ẋ over each window.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    if let tx { average(pass, tx, ty) } else { S.fill(pass.count * outputShape.count, 0, ty) }
  }

  /// What `backward` does, for dy and its tangent.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    if let dx { spread(pass, values.dy, dx) }
    if let tdx { spread(pass, values.tdy, tdx) }
  }
}

private func pooledShape(
  _ input: SampleShape, _ window: Int
) throws(ArchitectureError) -> SampleShape {
  guard case .image(let height, let width, let channels) = input else {
    throw .invalid(field: "pooling", reason: "only images are pooled")
  }
  guard min(height, width) >= window, window > 0 else {
    throw .invalid(field: "pooling", reason: "an image of \(height) × \(width) is smaller than the window")
  }
  return .image(height: height / window, width: width / window, channels: channels)
}
