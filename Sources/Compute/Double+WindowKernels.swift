import CKernels

extension Double: WindowKernels {
  /// The largest inside each window, and its number in the window (the first of equals).
  package static func windowsMaximum(
    _ sizes: WindowSizes, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>,
    _ choice: UnsafeMutablePointer<Self>
  ) {
    withUnsafePointer(to: sizes.native) { emc_windows_maximum_f64($0, x, y, choice) }
  }

  /// y = x where the choice was.
  package static func windowsPick(
    _ sizes: WindowSizes, _ x: UnsafePointer<Self>, _ choice: UnsafePointer<Self>,
    _ y: UnsafeMutablePointer<Self>
  ) {
    withUnsafePointer(to: sizes.native) { emc_windows_pick_f64($0, x, choice, y) }
  }

  /// dx = Σ d over the windows that chose it.
  package static func windowsScatter(
    _ sizes: WindowSizes, _ d: UnsafePointer<Self>, _ choice: UnsafePointer<Self>,
    _ dx: UnsafeMutablePointer<Self>
  ) {
    withUnsafePointer(to: sizes.native) { emc_windows_scatter_f64($0, d, choice, dx) }
  }

  /// The mean over each window, whose border counts as zeros.
  package static func windowsAverage(
    _ sizes: WindowSizes, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>
  ) {
    withUnsafePointer(to: sizes.native) { emc_windows_average_f64($0, x, y) }
  }

  /// dx = Σ d / size² over the windows that hold it.
  package static func windowsSpread(
    _ sizes: WindowSizes, _ d: UnsafePointer<Self>, _ dx: UnsafeMutablePointer<Self>
  ) {
    withUnsafePointer(to: sizes.native) { emc_windows_spread_f64($0, d, dx) }
  }
}
