import CKernels

/// The sizes of a pooling over windows that may overlap and reach into a border, images as (height, width, channels).
package struct WindowSizes: Sendable, Hashable {
  /// The input's height.
  package let height: Int
  /// The input's width.
  package let width: Int
  /// Channels of input and output.
  package let channels: Int
  /// The window's side.
  package let size: Int
  /// Places from one window to the next.
  package let stride: Int
  /// Places around the image that windows reach into.
  package let padding: Int

  /// Windows that all hold a place of the image: padding ≤ size / 2.
  package init(height: Int, width: Int, channels: Int, size: Int, stride: Int, padding: Int) {
    precondition(size > 0 && stride > 0 && padding >= 0 && padding <= size / 2, "a pooling's window")
    precondition(min(height, width) + 2 * padding >= size, "an image that the window fits")
    self.height = height
    self.width = width
    self.channels = channels
    self.size = size
    self.stride = stride
    self.padding = padding
  }

  /// ⌊(height + 2·padding − size) / stride⌋ + 1.
  package var outputHeight: Int { (height + 2 * padding - size) / stride + 1 }
  /// ⌊(width + 2·padding − size) / stride⌋ + 1.
  package var outputWidth: Int { (width + 2 * padding - size) / stride + 1 }

  var native: emc_windows {
    emc_windows(
      height: height, width: width, channels: channels, size: size, stride: stride, padding: padding,
      out_height: outputHeight, out_width: outputWidth)
  }
}

/// Pooling of one image over windows of any size, stride and border.
package protocol WindowKernels {
  /// The largest inside each window, and its number in the window (the first of equals).
  static func windowsMaximum(
    _ sizes: WindowSizes, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>,
    _ choice: UnsafeMutablePointer<Self>)
  /// y = x where the choice was.
  static func windowsPick(
    _ sizes: WindowSizes, _ x: UnsafePointer<Self>, _ choice: UnsafePointer<Self>,
    _ y: UnsafeMutablePointer<Self>)
  /// dx = Σ d over the windows that chose it.
  static func windowsScatter(
    _ sizes: WindowSizes, _ d: UnsafePointer<Self>, _ choice: UnsafePointer<Self>,
    _ dx: UnsafeMutablePointer<Self>)
  /// The mean over each window, whose border counts as zeros.
  static func windowsAverage(
    _ sizes: WindowSizes, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)
  /// dx = Σ d / size² over the windows that hold it.
  static func windowsSpread(
    _ sizes: WindowSizes, _ d: UnsafePointer<Self>, _ dx: UnsafeMutablePointer<Self>)
}
