import Compute

/// The sizes of a square convolution with pooling.
struct ConvolutionShape: Sendable, Hashable {
  let height: Int
  let width: Int
  let channels: Int
  let outputs: Int
  let kernel: Int
  let stride: Int
  let padding: Int
  let window: Int

  init(
    _ input: SampleShape, outputs: Int, kernel: Int, stride: Int, padding: Int, window: Int
  ) throws(ArchitectureError) {
    guard case .image(let height, let width, let channels) = input else {
      throw .invalid(field: "kind", reason: "a convolution needs images, and the data has plain features")
    }
    guard outputs > 0 else { throw .invalid(field: "channels", reason: "a convolution has an output") }
    precondition(kernel > 0 && stride > 0 && window > 0 && padding >= 0, "a convolution")
    self.height = height
    self.width = width
    self.channels = channels
    self.outputs = outputs
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.window = window
    guard min(height, width) + 2 * padding >= kernel, outHeight >= window, outWidth >= window else {
      throw .invalid(field: "channels", reason: "images of \(height) × \(width) are too small for this depth")
    }
  }

  /// Places before pooling.
  var outHeight: Int { (height + 2 * padding - kernel) / stride + 1 }
  var outWidth: Int { (width + 2 * padding - kernel) / stride + 1 }
  var places: Int { outHeight * outWidth }
  var unpooled: SampleShape { .image(height: outHeight, width: outWidth, channels: outputs) }
  var pooled: SampleShape { .image(height: outHeight / window, width: outWidth / window, channels: outputs) }
  /// Elements of a patch.
  var patch: Int { kernel * kernel * channels }
  /// Elements of a line of outputs.
  var line: Int { outWidth * outputs }
  var inputCount: Int { height * width * channels }
  var paddedWidth: Int { width + 2 * padding }
  var paddedCount: Int { (height + 2 * padding) * paddedWidth * channels }
  var patches: ImagePatches {
    ImagePatches(
      height: outHeight, width: outWidth, kernel: kernel, stride: stride, paddedWidth: paddedWidth,
      channels: channels)
  }

  /// With stride 1, dx is a convolution too: that of dz with a border of `gradientPadding`, with the flipped kernel.
  var takesBackByPatches: Bool { stride == 1 && padding < kernel }
  var gradientPadding: Int { takesBackByPatches ? kernel - 1 - padding : 0 }
  var gradientWidth: Int { outWidth + 2 * gradientPadding }
  var gradientLine: Int { gradientWidth * outputs }
  var gradientCount: Int { (outHeight + 2 * gradientPadding) * gradientLine }
  var gradientStart: Int { gradientPadding * gradientLine + gradientPadding * outputs }
  var gradientPatches: ImagePatches {
    ImagePatches(
      height: height, width: width, kernel: kernel, stride: 1, paddedWidth: gradientWidth, channels: outputs)
  }
}

/// A convolution's scratch: for one image at a time, and its weights in the orders that the products read.
struct ConvolutionMemory: Sendable, Hashable {
  /// The padded input.
  let image: MemorySlot
  /// z before pooling, or with a stride the patches' gradients.
  let product: MemorySlot
  /// dz with its border, or σ(z) before pooling.
  let gradient: MemorySlot
  /// W in panels.
  let panels: MemorySlot
  /// The flipped W, or with a stride dx with its border.
  let flipped: MemorySlot
  /// dW (patch, outputs), summed over the batch.
  let weightGradient: MemorySlot
  /// The second of two products that are added.
  let term: MemorySlot

  /// With `isDirect` false only what every way needs.
  init<S: Scalar>(
    _ builder: LayerBuilder<S>, _ shape: ConvolutionShape, isDirect: Bool
  ) throws(ArchitectureError) {
    func direct(_ count: Int) throws(ArchitectureError) -> MemorySlot {
      try builder.scratch(constant: isDirect ? count : 0)
    }
    let back = shape.kernel * shape.kernel * shape.outputs
    image = try direct(shape.paddedCount)
    product = try direct(
      max(shape.places * shape.outputs, shape.takesBackByPatches ? 0 : shape.places * shape.patch))
    gradient = try direct(max(shape.gradientCount, shape.places * shape.outputs))
    panels = try direct(
      max(S.panelsCount(shape.patch, shape.outputs), S.panelsCount(back, shape.channels)))
    flipped = try direct(shape.takesBackByPatches ? back * shape.channels : shape.paddedCount)
    weightGradient = try builder.scratch(constant: shape.patch * shape.outputs)
    term = try direct(builder.secondOrder ? max(shape.places * shape.outputs, shape.inputCount) : 0)
  }
}
