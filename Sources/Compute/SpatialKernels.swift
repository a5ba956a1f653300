import CKernels

/// The sizes of a depthwise convolution with k × k taps and zero padding, images as (height, width, channels).
package struct DepthwiseSizes: Sendable, Hashable {
  /// Images in the batch.
  package var images: Int
  /// The input's height.
  package var height: Int
  /// The input's width.
  package var width: Int
  /// Channels of input and output; weights are (taps, taps, channels).
  package var channels: Int
  /// k.
  package var taps: Int
  /// Places from one output to the next.
  package var stride: Int
  /// Zeros around the image.
  package var padding: Int

  /// Of `images` images.
  package init(images: Int, height: Int, width: Int, channels: Int, taps: Int, stride: Int, padding: Int) {
    precondition(stride > 0 && taps > 0 && padding < taps, "a convolution's window")
    precondition(height + 2 * padding >= taps && width + 2 * padding >= taps, "an image that the window fits")
    self.images = images
    self.height = height
    self.width = width
    self.channels = channels
    self.taps = taps
    self.stride = stride
    self.padding = padding
  }

  /// ⌊(height + 2·padding − taps) / stride⌋ + 1.
  package var outputHeight: Int { (height + 2 * padding - taps) / stride + 1 }
  /// ⌊(width + 2·padding − taps) / stride⌋ + 1.
  package var outputWidth: Int { (width + 2 * padding - taps) / stride + 1 }

  var kernelSizes: emc_depthwise {
    emc_depthwise(
      images: images, height: height, width: width, channels: channels, taps: taps, stride: stride,
      padding: padding, out_height: outputHeight, out_width: outputWidth)
  }
}

/// Depthwise convolution, broadcasts over an image's places, and attention's second derivative.
package protocol SpatialKernels {
  /// y = keep·y + x ∗ weights; with keep 0, y is only written.
  static func depthwise(
    _ sizes: DepthwiseSizes, x: UnsafePointer<Self>, weights: UnsafePointer<Self>, keep: Self,
    y: UnsafeMutablePointer<Self>)
  /// dx = keep·dx + (∂y/∂x)ᵀ dy; with keep 0, dx is only written.
  static func depthwiseBackwardInput(
    _ sizes: DepthwiseSizes, dy: UnsafePointer<Self>, weights: UnsafePointer<Self>, keep: Self,
    dx: UnsafeMutablePointer<Self>)
  /// Weights' gradient = keep · what is there + (∂y/∂weights)ᵀ dy; with keep 0, it is only written.
  static func depthwiseBackwardWeights(
    _ sizes: DepthwiseSizes, x: UnsafePointer<Self>, dy: UnsafePointer<Self>, keep: Self,
    gradient: UnsafeMutablePointer<Self>)
  /// y[r, :] = keep·y[r, :] + a·v; with keep 0, y is only written.
  static func spreadRows(
    _ rows: Int, _ columns: Int, _ a: Self, _ v: UnsafePointer<Self>, keep: Self,
    _ y: UnsafeMutablePointer<Self>)
  /// y[r, c] = keep·y[r, c] + s[c]·x[r, c]; with keep 0, y is only written and may be x.
  static func scaleColumns(
    _ rows: Int, _ columns: Int, _ s: UnsafePointer<Self>, _ x: UnsafePointer<Self>, keep: Self,
    _ y: UnsafeMutablePointer<Self>)
  /// The patches of images (height, width, channels), each flattened: y (images, 1 + patches, patch²·channels), whose
  /// row 0 of each image is zero.
  static func cutPatches(
    _ images: Int, height: Int, width: Int, channels: Int, patch: Int, _ x: UnsafePointer<Self>,
    _ y: UnsafeMutablePointer<Self>)
  /// The tangent of `softmaxProduct` along (tp, tv): scale·(tp∘(v − m) + p∘(tv − ṁ)), m = Σ p·v; y may be tv.
  static func softmaxProductTangent(
    _ rows: Int, _ columns: Int, _ scale: Self, p: UnsafePointer<Self>, tp: UnsafePointer<Self>,
    v: UnsafePointer<Self>, tv: UnsafePointer<Self>, y: UnsafeMutablePointer<Self>)
}
