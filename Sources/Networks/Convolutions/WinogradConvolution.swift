import Compute

/// The way of a 3 × 3 convolution through Winograd's transforms, over several images at once. Which convolutions take
/// it depends on their shape alone, so that the same specification gives the same bits on one core or many.
struct WinogradConvolution<S: Scalar>: Sendable {
  /// Images handled together: all of a batch, or as many as stay in the second cache where pooling follows.
  let imagesTogether: Int
  /// z or dz of those images before pooling; nothing without pooling.
  let unpooled: MemorySlot
  /// σ(z) of one image before pooling, where that isn't the same as pooling before σ.
  let activated: MemorySlot
  private let sizes: WinogradSizes
  private let weight: ParameterSlot
  private let panels: MemorySlot
  private let products: MemorySlot
  private let scratch: MemorySlot

  /// Nil where the direct way is taken: in double precision, which verifies, and where a border leaves tiles half
  /// empty. `poolsLast` says that σ comes before pooling.
  init?(_ builder: LayerBuilder<S>, _ shape: ConvolutionShape, weight: ParameterSlot, poolsLast: Bool)
    throws(ArchitectureError)
  {
    guard S.bytes == Float.bytes, !builder.secondOrder, shape.kernel == 3, shape.stride == 1,
      shape.padding == 1, shape.channels % 8 == 0, shape.outputs % 8 == 0
    else { return nil }
    // The transforms of a strip are to stay in the second cache, in whole rows of the products' tiles of 6.
    let strip = 98_304 / (36 * (shape.channels + shape.outputs)) / 6 * 6
    sizes = WinogradSizes(
      images: builder.capacity, height: shape.height, width: shape.width, channels: shape.channels,
      outputs: shape.outputs, strip: min(max(strip, 12), 96))
    guard 20 * sizes.tiles <= 3 * shape.places else { return nil }
    self.weight = weight
    let isPooled = shape.window > 1
    imagesTogether = isPooled ? max(1, sizes.strip / sizes.tiles) : builder.capacity
    let count = shape.places * shape.outputs
    unpooled = try builder.scratch(constant: isPooled ? imagesTogether * count : 0)
    activated = try builder.scratch(constant: isPooled && poolsLast ? count : 0)
    panels = try builder.scratch(
      constant: max(
        S.winogradPanelsCount(channels: shape.channels, outputs: shape.outputs),
        S.winogradPanelsCount(channels: shape.outputs, outputs: shape.channels)))
    products = try builder.scratch(
      constant: S.winogradProductsCount(channels: shape.channels, outputs: shape.outputs))
    scratch = try builder.scratch(
      constant: max(S.winogradScratchCount(sizes), S.winogradScratchCount(sizes.reversed)))
  }

  /// What `convolve` needs of the weights.
  func prepare(_ pass: Pass<S>) { transform(pass, reversed: false) }

  /// z = x ∗ W.
  func convolve(_ pass: Pass<S>, images: Int, x: UnsafePointer<S>, z: UnsafeMutablePointer<S>) {
    S.winogradConvolve(
      counted(sizes, images), x: x, panels: pass.memory(panels), scratch: pass.memory(scratch), y: z)
  }

  /// What `addProducts` and `takeBack` need: no products yet, and the weights if dx is wanted.
  func prepareBack(_ pass: Pass<S>, takesBack: Bool) {
    if takesBack { transform(pass, reversed: true) }
    S.fill(products.count, 0, pass.memory(products))
  }

  /// Adds these images' share of dW.
  func addProducts(_ pass: Pass<S>, images: Int, x: UnsafePointer<S>, dz: UnsafePointer<S>) {
    S.addWinogradProducts(
      counted(sizes, images), x: x, dz: dz, scratch: pass.memory(scratch), products: pass.memory(products))
  }

  /// dx from dz.
  func takeBack(_ pass: Pass<S>, images: Int, dz: UnsafePointer<S>, dx: UnsafeMutablePointer<S>) {
    S.winogradConvolve(
      counted(sizes.reversed, images), x: dz, panels: pass.memory(panels), scratch: pass.memory(scratch),
      y: dx)
  }

  /// dW (3, 3, channels, outputs) of all that was added.
  func weightGradient(_ pass: Pass<S>, dw: UnsafeMutablePointer<S>) {
    S.winogradGradient(
      channels: sizes.channels, outputs: sizes.outputs, products: pass.memory(products), dw: dw)
  }

  private func transform(_ pass: Pass<S>, reversed: Bool) {
    S.winogradPanels(
      channels: sizes.channels, outputs: sizes.outputs, reversed: reversed, w: pass.value(weight),
      products: pass.memory(products), panels: pass.memory(panels))
  }

  private func counted(_ sizes: WinogradSizes, _ images: Int) -> WinogradSizes {
    var sizes = sizes
    sizes.images = images
    return sizes
  }
}
