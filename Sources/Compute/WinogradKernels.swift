import CKernels

/// The sizes of a 3 × 3 convolution with stride 1 and a border of one zero. Channels and outputs are multiples of 8.
package struct WinogradSizes: Sendable, Hashable {
  /// Images in a call.
  package var images: Int
  /// Lines of an image.
  package let height: Int
  /// Places in a line.
  package let width: Int
  /// Channels read.
  package let channels: Int
  /// Channels written.
  package let outputs: Int
  /// Tiles of 4 × 4 places whose transforms are held at once; sums over places are split there.
  package let strip: Int

  /// The sizes for images (height, width, channels).
  package init(images: Int, height: Int, width: Int, channels: Int, outputs: Int, strip: Int) {
    precondition(channels % 8 == 0 && outputs % 8 == 0 && strip > 0, "lanes of 8 channels")
    self.images = images
    self.height = height
    self.width = width
    self.channels = channels
    self.outputs = outputs
    self.strip = strip
  }

  /// Tiles of one image.
  package var tiles: Int { ((height + 3) / 4) * ((width + 3) / 4) }

  /// The convolution that takes dy back to dx.
  package var reversed: WinogradSizes {
    WinogradSizes(
      images: images, height: height, width: width, channels: outputs, outputs: channels, strip: strip)
  }

  var native: emc_winograd {
    emc_winograd(
      images: images, height: height, width: width, channels: channels, outputs: outputs, strip: strip)
  }
}

/// 3 × 3 convolutions by Winograd's minimal filtering F(4 × 4, 3 × 3): 36 products of a tile in place of 144, which
/// rounding pays for with errors about twice those of the direct way. Images are (height, width, channels).
package protocol WinogradKernels {
  /// Elements of scratch that the functions over images need.
  static func winogradScratchCount(_ sizes: WinogradSizes) -> Int
  /// Elements of the transformed weights.
  static func winogradPanelsCount(channels: Int, outputs: Int) -> Int
  /// Elements of the products (36, channels, outputs).
  static func winogradProductsCount(channels: Int, outputs: Int) -> Int
  /// The transform of w (outputs, 3, 3, channels), or, with `reversed`, of the kernel that takes dy back to dx;
  /// `products` is scratch.
  static func winogradPanels(
    channels: Int, outputs: Int, reversed: Bool, w: UnsafePointer<Self>, products: UnsafeMutablePointer<Self>,
    panels: UnsafeMutablePointer<Self>)
  /// y = x ∗ w.
  static func winogradConvolve(
    _ sizes: WinogradSizes, x: UnsafePointer<Self>, panels: UnsafePointer<Self>,
    scratch: UnsafeMutablePointer<Self>, y: UnsafeMutablePointer<Self>)
  /// products += the transform of ∂L/∂w, from x and dz = ∂L/∂y.
  static func addWinogradProducts(
    _ sizes: WinogradSizes, x: UnsafePointer<Self>, dz: UnsafePointer<Self>,
    scratch: UnsafeMutablePointer<Self>, products: UnsafeMutablePointer<Self>)
  /// dw (3, 3, channels, outputs) from the products.
  static func winogradGradient(
    channels: Int, outputs: Int, products: UnsafePointer<Self>, dw: UnsafeMutablePointer<Self>)
}
