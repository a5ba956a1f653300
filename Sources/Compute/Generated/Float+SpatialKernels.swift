// Written by scripts/generate-float-kernels from Double+SpatialKernels.swift: change that one.
import CKernels

extension Float: SpatialKernels {
  /// y = keep·y + x ∗ weights; with keep 0, y is only written.
  package static func depthwise(
    _ sizes: DepthwiseSizes, x: UnsafePointer<Self>, weights: UnsafePointer<Self>, keep: Self,
    y: UnsafeMutablePointer<Self>
  ) {
    withUnsafePointer(to: sizes.kernelSizes) { emc_depthwise_f32($0, x, weights, keep, y) }
  }

  /// dx = keep·dx + (∂y/∂x)ᵀ dy; with keep 0, dx is only written.
  package static func depthwiseBackwardInput(
    _ sizes: DepthwiseSizes, dy: UnsafePointer<Self>, weights: UnsafePointer<Self>, keep: Self,
    dx: UnsafeMutablePointer<Self>
  ) {
    withUnsafePointer(to: sizes.kernelSizes) { emc_depthwise_backward_input_f32($0, dy, weights, keep, dx) }
  }

  /// Weights' gradient = keep · what is there + (∂y/∂weights)ᵀ dy; with keep 0, it is only written.
  package static func depthwiseBackwardWeights(
    _ sizes: DepthwiseSizes, x: UnsafePointer<Self>, dy: UnsafePointer<Self>, keep: Self,
    gradient: UnsafeMutablePointer<Self>
  ) {
    withUnsafePointer(to: sizes.kernelSizes) { emc_depthwise_backward_weights_f32($0, x, dy, keep, gradient) }
  }

  /// y[r, :] = keep·y[r, :] + a·v; with keep 0, y is only written.
  package static func spreadRows(
    _ rows: Int, _ columns: Int, _ a: Self, _ v: UnsafePointer<Self>, keep: Self,
    _ y: UnsafeMutablePointer<Self>
  ) {
    emc_spread_rows_f32(rows, columns, a, v, keep, y)
  }

  /// y[r, c] = keep·y[r, c] + s[c]·x[r, c]; with keep 0, y is only written and may be x.
  package static func scaleColumns(
    _ rows: Int, _ columns: Int, _ s: UnsafePointer<Self>, _ x: UnsafePointer<Self>, keep: Self,
    _ y: UnsafeMutablePointer<Self>
  ) {
    emc_scale_columns_f32(rows, columns, s, x, keep, y)
  }

  /// The patches of images (height, width, channels), each flattened: y (images, 1 + patches, patch²·channels), whose
  /// row 0 of each image is zero.
  package static func cutPatches(
    _ images: Int, height: Int, width: Int, channels: Int, patch: Int, _ x: UnsafePointer<Self>,
    _ y: UnsafeMutablePointer<Self>
  ) {
    emc_cut_patches_f32(images, height, width, channels, patch, x, y)
  }

  /// The tangent of `softmaxProduct` along (tp, tv): scale·(tp∘(v − m) + p∘(tv − ṁ)), m = Σ p·v; y may be tv.
  package static func softmaxProductTangent(
    _ rows: Int, _ columns: Int, _ scale: Self, p: UnsafePointer<Self>, tp: UnsafePointer<Self>,
    v: UnsafePointer<Self>, tv: UnsafePointer<Self>, y: UnsafeMutablePointer<Self>
  ) {
    emc_softmax_product_tangent_f32(rows, columns, scale, p, tp, v, tv, y)
  }
}
