import Compute

/// The way of a 3 × 3 convolution through Winograd's transforms, over the whole batch at once. Which convolutions take
/// it depends on their shape alone, so that the same specification gives the same bits on one core or many.
struct WinogradConvolution<S: Scalar>: Sendable {
  private let sizes: WinogradSizes
  private let weight: ParameterSlot
  private let panels: MemorySlot
  private let products: MemorySlot
  private let scratch: MemorySlot

  /// Nil where the direct way is taken: in double precision, which verifies, where a border leaves tiles half empty,
  /// and where pooling follows, which wants one image at a time.
  init?(_ builder: LayerBuilder<S>, _ shape: ConvolutionShape, weight: ParameterSlot)
    throws(ArchitectureError)
  {
    guard S.bytes == Float.bytes, !builder.secondOrder, shape.kernel == 3, shape.stride == 1,
      shape.padding == 1, shape.window == 1, shape.channels % 8 == 0, shape.outputs % 8 == 0
    else { return nil }
    // The transforms of a strip are to stay in the second cache, in whole rows of the products' tiles of 6.
    let strip = 98_304 / (36 * (shape.channels + shape.outputs)) / 6 * 6
    sizes = WinogradSizes(
      images: builder.capacity, height: shape.height, width: shape.width, channels: shape.channels,
      outputs: shape.outputs, strip: min(max(strip, 12), 96))
    guard 20 * sizes.tiles <= 3 * shape.places else { return nil }
    self.weight = weight
    panels = try builder.scratch(
      constant: max(
        S.winogradPanelsCount(channels: shape.channels, outputs: shape.outputs),
        S.winogradPanelsCount(channels: shape.outputs, outputs: shape.channels)))
    products = try builder.scratch(
      constant: S.winogradProductsCount(channels: shape.channels, outputs: shape.outputs))
    scratch = try builder.scratch(
      constant: max(S.winogradScratchCount(sizes), S.winogradScratchCount(sizes.reversed)))
  }

  /// z = x ∗ W.
  func forward(_ pass: Pass<S>, x: UnsafePointer<S>, z: UnsafeMutablePointer<S>) {
    transform(pass, reversed: false)
    S.winogradConvolve(
      counted(sizes, pass), x: x, panels: pass.memory(panels), scratch: pass.memory(scratch), y: z)
  }

  /// dW (3, 3, channels, outputs) and dx, from dz.
  func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, dz: UnsafePointer<S>, dw: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    let sums = pass.memory(products)
    S.fill(products.count, 0, sums)
    S.addWinogradProducts(counted(sizes, pass), x: x, dz: dz, scratch: pass.memory(scratch), products: sums)
    S.winogradGradient(channels: sizes.channels, outputs: sizes.outputs, products: sums, dw: dw)
    guard let dx else { return }
    transform(pass, reversed: true)
    S.winogradConvolve(
      counted(sizes.reversed, pass), x: dz, panels: pass.memory(panels), scratch: pass.memory(scratch), y: dx)
  }

  private func transform(_ pass: Pass<S>, reversed: Bool) {
    S.winogradPanels(
      channels: sizes.channels, outputs: sizes.outputs, reversed: reversed, w: pass.value(weight),
      products: pass.memory(products), panels: pass.memory(panels))
  }

  private func counted(_ sizes: WinogradSizes, _ pass: Pass<S>) -> WinogradSizes {
    var sizes = sizes
    sizes.images = pass.count
    return sizes
  }
}
