// Written by scripts/generate-float-kernels from Double+WinogradKernels.swift: change that one.
import CKernels

extension Float: WinogradKernels {
  /// Elements of scratch that the functions over images need.
  package static func winogradScratchCount(_ sizes: WinogradSizes) -> Int {
    var native = sizes.native
    return emc_winograd_scratch_count_f32(&native)
  }

  /// Elements of the transformed weights.
  package static func winogradPanelsCount(channels: Int, outputs: Int) -> Int {
    emc_winograd_panels_count_f32(channels, outputs)
  }

  /// Elements of the products (36, channels, outputs).
  package static func winogradProductsCount(channels: Int, outputs: Int) -> Int {
    emc_winograd_products_count_f32(channels, outputs)
  }

  /// The transform of w (outputs, 3, 3, channels), or, with `reversed`, of the kernel that takes dy back to dx;
  /// `products` is scratch.
  package static func winogradPanels(
    channels: Int, outputs: Int, reversed: Bool, w: UnsafePointer<Self>, products: UnsafeMutablePointer<Self>,
    panels: UnsafeMutablePointer<Self>
  ) {
    emc_winograd_panels_f32(channels, outputs, reversed ? 1 : 0, w, products, panels)
  }

  /// y = x ∗ w.
  package static func winogradConvolve(
    _ sizes: WinogradSizes, x: UnsafePointer<Self>, panels: UnsafePointer<Self>,
    scratch: UnsafeMutablePointer<Self>, y: UnsafeMutablePointer<Self>
  ) {
    var native = sizes.native
    emc_winograd_convolve_f32(&native, x, panels, scratch, y)
  }

  /// products += the transform of ∂L/∂w, from x and dz = ∂L/∂y.
  package static func addWinogradProducts(
    _ sizes: WinogradSizes, x: UnsafePointer<Self>, dz: UnsafePointer<Self>,
    scratch: UnsafeMutablePointer<Self>, products: UnsafeMutablePointer<Self>
  ) {
    var native = sizes.native
    emc_winograd_add_products_f32(&native, x, dz, scratch, products)
  }

  /// dw (3, 3, channels, outputs) from the products.
  package static func winogradGradient(
    channels: Int, outputs: Int, products: UnsafePointer<Self>, dw: UnsafeMutablePointer<Self>
  ) {
    emc_winograd_gradient_f32(channels, outputs, products, dw)
  }
}
