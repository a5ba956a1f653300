import CKernels

/// The patches of one padded image as the rows of a matrix: each is `taps` stretches of the image.
package struct ImagePatches: Sendable, Hashable {
  /// Lines of places.
  package let height: Int
  /// Places in a line.
  package let width: Int
  /// The kernel's height.
  package let taps: Int
  /// Elements of one tap: the kernel's width × channels.
  package let stretch: Int
  /// Elements from one line of the padded image to the next.
  package let line: Int
  /// Elements from one place to the next: stride × channels.
  package let place: Int
  /// Elements from one line of places to the next: stride × line.
  package let nextLine: Int

  /// The patches of a square kernel on an image of `paddedWidth` × channels a line, giving height × width places.
  package init(height: Int, width: Int, kernel: Int, stride: Int, paddedWidth: Int, channels: Int) {
    self.height = height
    self.width = width
    taps = kernel
    stretch = kernel * channels
    line = paddedWidth * channels
    place = stride * channels
    nextLine = stride * line
  }

  var native: emc_patches {
    emc_patches(
      height: height, width: width, taps: taps, stretch: stretch, line: line, place: place,
      next_line: nextLine)
  }
}

/// Convolutions as products of patches that are read where they lie, and pooling; images are (height, width, channels).
package protocol ImageKernels {
  /// The elements that `packPanels` writes for a matrix (k, n).
  static func panelsCount(_ k: Int, _ n: Int) -> Int
  /// The panels, in the order that the products read, of B (k, n), or of a transposed one that lies as (n, k).
  static func packPanels(
    transpose: Bool, _ k: Int, _ n: Int, _ b: UnsafePointer<Self>, _ panels: UnsafeMutablePointer<Self>)
  /// out[y, x, :] (n) = patch(y, x) · B with B (taps · stretch, n) in panels; lines of `out` lie `outLine` apart.
  static func convolve(
    _ patches: ImagePatches, _ n: Int, _ image: UnsafePointer<Self>, _ panels: UnsafePointer<Self>,
    _ out: UnsafeMutablePointer<Self>, _ outLine: Int)
  /// dw (taps · stretch, n) += Σ patchᵀ dz[y, x, :]; lines of dz lie `line` apart.
  static func convolveWeights(
    _ patches: ImagePatches, _ n: Int, _ image: UnsafePointer<Self>, _ dz: UnsafePointer<Self>, _ line: Int,
    _ dw: UnsafeMutablePointer<Self>)
  /// The lines of x (height, row) into the inside of a padded image whose lines lie `line` apart.
  static func placeImage(
    _ height: Int, _ row: Int, _ x: UnsafePointer<Self>, _ line: Int, _ y: UnsafeMutablePointer<Self>)
  /// y (height, row) from the inside of a padded image whose lines lie `line` apart.
  static func takeImage(
    _ height: Int, _ row: Int, _ x: UnsafePointer<Self>, _ line: Int, _ y: UnsafeMutablePointer<Self>)
  /// flipped[t, o, i] = w[o, places − 1 − t, i].
  static func flipWeights(
    _ outputs: Int, _ places: Int, _ inputs: Int, _ w: UnsafePointer<Self>,
    _ flipped: UnsafeMutablePointer<Self>)
  /// y (rows, columns) = keep · y + xᵀ; with keep 0, y is only written.
  static func addTransposed(
    _ rows: Int, _ columns: Int, _ x: UnsafePointer<Self>, _ keep: Self, _ y: UnsafeMutablePointer<Self>)
  /// Every patch's place in the padded image += its row of (places, taps · stretch).
  static func addPatches(
    _ patches: ImagePatches, _ rows: UnsafePointer<Self>, _ image: UnsafeMutablePointer<Self>)
  /// The largest of each window × window places, and its number there (the first of equals).
  static func poolMaximum(
    _ height: Int, _ width: Int, _ channels: Int, _ window: Int, _ x: UnsafePointer<Self>,
    _ y: UnsafeMutablePointer<Self>, _ choice: UnsafeMutablePointer<Self>)
  /// y = x where the choice was.
  static func poolPick(
    _ height: Int, _ width: Int, _ channels: Int, _ window: Int, _ x: UnsafePointer<Self>,
    _ choice: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)
  /// dx = d where the choice was and 0 elsewhere; lines of dx lie `line` apart.
  static func poolScatter(
    _ height: Int, _ width: Int, _ channels: Int, _ window: Int, _ d: UnsafePointer<Self>,
    _ choice: UnsafePointer<Self>, _ line: Int, _ dx: UnsafeMutablePointer<Self>)
  /// The mean of each window.
  static func poolAverage(
    _ height: Int, _ width: Int, _ channels: Int, _ window: Int,
    _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)
  /// dx = d over a window's elements, 0 outside all windows.
  static func poolAverageBackward(
    _ height: Int, _ width: Int, _ channels: Int, _ window: Int,
    _ d: UnsafePointer<Self>, _ dx: UnsafeMutablePointer<Self>)
}
