import CKernels

/// Loops that only training needs.
package protocol TrainingKernels {
  /// s ← s + g², x ← x − rate·g / √s.
  static func updateAdagrad(
    _ count: Int, rate: Self, gradient: UnsafePointer<Self>, squares: UnsafeMutablePointer<Self>,
    parameters: UnsafeMutablePointer<Self>)
  /// Σ |x|.
  static func sumOfMagnitudes(_ count: Int, _ x: UnsafePointer<Self>) -> Double
  /// y = scale · round(x / scale), ties to even; |x / scale| is below 2²².
  static func quantize(
    _ count: Int, _ scale: Self, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)
  /// y = scale where x ≥ 0, −scale elsewhere.
  static func binarize(
    _ count: Int, _ scale: Self, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)
  /// x ← H x, the Walsh–Hadamard transform without normalisation; `count` is a power of two.
  static func hadamard(_ count: Int, _ x: UnsafeMutablePointer<Self>)
  /// y[i] = x[indices[i]]; the indices are trusted.
  static func gather(
    _ count: Int, _ x: UnsafePointer<Self>, _ indices: UnsafePointer<Int32>,
    _ y: UnsafeMutablePointer<Self>)
  /// y[indices[i]] = x[i]; the indices are trusted and differ.
  static func scatter(
    _ count: Int, _ x: UnsafePointer<Self>, _ indices: UnsafePointer<Int32>,
    _ y: UnsafeMutablePointer<Self>)
  /// y = x in double precision.
  static func widen(_ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Double>)
  /// y = x rounded to this precision.
  static func narrow(_ count: Int, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Self>)
}

/// batch[i] = labels[indices[i]]; the indices are trusted.
package func gatherLabels(
  _ count: Int, _ labels: UnsafePointer<Int32>, _ indices: UnsafePointer<Int32>,
  _ batch: UnsafeMutablePointer<Int32>
) {
  emc_gather_labels(count, labels, indices, batch)
}
