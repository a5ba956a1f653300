import CKernels

extension Double: ImageKernels {
  /// The elements that `packPanels` writes for a matrix (k, n).
  package static func panelsCount(_ k: Int, _ n: Int) -> Int {
    emc_panels_count_f64(k, n)
  }

  /// The panels, in the order that the products read, of B (k, n), or of a transposed one that lies as (n, k).
  package static func packPanels(
    transpose: Bool, _ k: Int, _ n: Int, _ b: UnsafePointer<Self>, _ panels: UnsafeMutablePointer<Self>
  ) {
    emc_pack_panels_f64(transpose ? 1 : 0, k, n, b, transpose ? k : n, panels)
  }

  /// out[y, x, :] (n) = patch(y, x) · B with B (taps · stretch, n) in panels; lines of `out` lie `outLine` apart.
  package static func convolve(
    _ patches: ImagePatches, _ n: Int, _ image: UnsafePointer<Self>, _ panels: UnsafePointer<Self>,
    _ out: UnsafeMutablePointer<Self>, _ outLine: Int
  ) {
    var native = patches.native
    emc_convolve_f64(&native, n, image, panels, out, outLine)
  }

  /// dw (taps · stretch, n) += Σ patchᵀ dz[y, x, :]; lines of dz lie `line` apart.
  package static func convolveWeights(
    _ patches: ImagePatches, _ n: Int, _ image: UnsafePointer<Self>, _ dz: UnsafePointer<Self>, _ line: Int,
    _ dw: UnsafeMutablePointer<Self>
  ) {
    var native = patches.native
    emc_convolve_weights_f64(&native, n, image, dz, line, dw)
  }

  /// The lines of x (height, row) into the inside of a padded image whose lines lie `line` apart.
  package static func placeImage(
    _ height: Int, _ row: Int, _ x: UnsafePointer<Self>, _ line: Int, _ y: UnsafeMutablePointer<Self>
  ) {
    emc_place_image_f64(height, row, x, line, y)
  }

  /// y (height, row) from the inside of a padded image whose lines lie `line` apart.
  package static func takeImage(
    _ height: Int, _ row: Int, _ x: UnsafePointer<Self>, _ line: Int, _ y: UnsafeMutablePointer<Self>
  ) {
    emc_take_image_f64(height, row, x, line, y)
  }

  /// flipped[t, o, i] = w[o, places − 1 − t, i].
  package static func flipWeights(
    _ outputs: Int, _ places: Int, _ inputs: Int, _ w: UnsafePointer<Self>,
    _ flipped: UnsafeMutablePointer<Self>
  ) {
    emc_flip_weights_f64(outputs, places, inputs, w, flipped)
  }

  /// y (rows, columns) = keep · y + xᵀ; with keep 0, y is only written.
  package static func addTransposed(
    _ rows: Int, _ columns: Int, _ x: UnsafePointer<Self>, _ keep: Self, _ y: UnsafeMutablePointer<Self>
  ) {
    emc_add_transposed_f64(rows, columns, x, keep, y)
  }

  /// Every patch's place in the padded image += its row of (places, taps · stretch).
  package static func addPatches(
    _ patches: ImagePatches, _ rows: UnsafePointer<Self>, _ image: UnsafeMutablePointer<Self>
  ) {
    var native = patches.native
    emc_add_patches_f64(&native, rows, image)
  }

  /// The largest of each window × window places, and its number there (the first of equals).
  package static func poolMaximum(
    _ height: Int, _ width: Int, _ channels: Int, _ window: Int, _ x: UnsafePointer<Self>,
    _ y: UnsafeMutablePointer<Self>, _ choice: UnsafeMutablePointer<Self>
  ) {
    emc_pool_maximum_f64(height, width, channels, window, x, y, choice)
  }

  /// y = x where the choice was.
  package static func poolPick(
    _ height: Int, _ width: Int, _ channels: Int, _ window: Int, _ x: UnsafePointer<Self>,
    _ choice: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>
  ) {
    emc_pool_pick_f64(height, width, channels, window, x, choice, y)
  }

  /// dx = d where the choice was and 0 elsewhere; lines of dx lie `line` apart.
  package static func poolScatter(
    _ height: Int, _ width: Int, _ channels: Int, _ window: Int, _ d: UnsafePointer<Self>,
    _ choice: UnsafePointer<Self>, _ line: Int, _ dx: UnsafeMutablePointer<Self>
  ) {
    emc_pool_scatter_f64(height, width, channels, window, d, choice, line, dx)
  }

  /// The mean of each window.
  package static func poolAverage(
    _ height: Int, _ width: Int, _ channels: Int, _ window: Int,
    _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>
  ) {
    emc_pool_average_f64(height, width, channels, window, x, y)
  }

  /// dx = d over a window's elements, 0 outside all windows.
  package static func poolAverageBackward(
    _ height: Int, _ width: Int, _ channels: Int, _ window: Int,
    _ d: UnsafePointer<Self>, _ dx: UnsafeMutablePointer<Self>
  ) {
    emc_pool_average_backward_f64(height, width, channels, window, d, dx)
  }
}
