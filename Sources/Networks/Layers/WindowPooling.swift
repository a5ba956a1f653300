import Compute

/// y = the largest, or the mean, of each window of size × size places, `stride` places apart, `padding` of which reach
/// beyond the image (PyTorch's `MaxPool2d`, and `AvgPool2d`, which counts the border as zeros).
package struct WindowPooling<S: Scalar>: Layer {
  /// The image of windows.
  package let outputShape: SampleShape
  private let sizes: WindowSizes
  /// Which place of its window each output came from; nil for the mean.
  private let choice: MemorySlot?

  /// Pooling of images by windows that fit them.
  package init(
    _ builder: LayerBuilder<S>, name: String, kind: PoolingKind, sizes: WindowSizes
  ) throws(ArchitectureError) {
    self.sizes = sizes
    outputShape = .image(height: sizes.outputHeight, width: sizes.outputWidth, channels: sizes.channels)
    choice = kind == .max ? try builder.saved(perSample: outputShape.count) : nil
    builder.record(name: name, kind: kind.layerKind, output: outputShape, parameterCount: 0, productFlops: 0)
  }

  private var inputCount: Int { sizes.height * sizes.width * sizes.channels }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    for n in 0..<pass.count {
      let (from, to) = (x + n * inputCount, n * outputShape.count)
      if let choice {
        S.windowsMaximum(sizes, from, y + to, pass.memory(choice) + to)
      } else {
        S.windowsAverage(sizes, from, y + to)
      }
    }
  }

  /// dx from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    if let dx { takeBack(pass, dy, into: dx) }
  }

  /// ẏ from ẋ: pooling is linear where it chooses as before.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    guard let tx else { return S.fill(pass.count * outputShape.count, 0, ty) }
    for n in 0..<pass.count {
      let (from, to) = (tx + n * inputCount, n * outputShape.count)
      if let choice {
        S.windowsPick(sizes, from, pass.memory(choice) + to, ty + to)
      } else {
        S.windowsAverage(sizes, from, ty + to)
      }
    }
  }

  /// What `backward` does, for dy and its tangent.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    if let dx { takeBack(pass, values.dy, into: dx) }
    if let tdx { takeBack(pass, values.tdy, into: tdx) }
  }

  private func takeBack(_ pass: Pass<S>, _ d: UnsafePointer<S>, into dx: UnsafeMutablePointer<S>) {
    for n in 0..<pass.count {
      let (from, to) = (n * outputShape.count, dx + n * inputCount)
      if let choice {
        S.windowsScatter(sizes, d + from, pass.memory(choice) + from, to)
      } else {
        S.windowsSpread(sizes, d + from, to)
      }
    }
  }
}

extension PoolingKind {
  /// In the layer table.
  var layerKind: String {
    switch self {
    case .max: "max pool"
    case .average: "average pool"
    }
  }
}
