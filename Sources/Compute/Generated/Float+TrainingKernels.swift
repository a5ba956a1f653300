// Written by scripts/generate-float-kernels from Double+TrainingKernels.swift: change that one.
import CKernels

extension Float: TrainingKernels {
  /// s ← s + g², x ← x − rate·g / √s.
  package static func updateAdagrad(
    _ count: Int, rate: Self, gradient: UnsafePointer<Self>, squares: UnsafeMutablePointer<Self>,
    parameters: UnsafeMutablePointer<Self>
  ) {
    emc_update_adagrad_f32(count, rate, gradient, squares, parameters)
  }

  /// Σ |x|.
  package static func sumOfMagnitudes(_ count: Int, _ x: UnsafePointer<Self>) -> Double {
    emc_sum_of_magnitudes_f32(count, x)
  }

  /// y = scale · round(x / scale), ties to even; |x / scale| is below 2²².
  package static func quantize(
    _ count: Int, _ scale: Self, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>
  ) {
    emc_quantize_f32(count, scale, 1 / scale, x, y)
  }

  /// y = scale where x ≥ 0, −scale elsewhere.
  package static func binarize(
    _ count: Int, _ scale: Self, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>
  ) {
    emc_binarize_f32(count, scale, x, y)
  }

  /// x ← H x, the Walsh–Hadamard transform without normalisation; `count` is a power of two.
  package static func hadamard(_ count: Int, _ x: UnsafeMutablePointer<Self>) {
    precondition(count > 0 && count & (count - 1) == 0, "a power of two")
    emc_hadamard_f32(count, x)
  }

  /// y[i] = x[indices[i]]; the indices are trusted.
  package static func gather(
    _ count: Int, _ x: UnsafePointer<Self>, _ indices: UnsafePointer<Int32>,
    _ y: UnsafeMutablePointer<Self>
  ) {
    emc_gather_f32(count, x, indices, y)
  }

  /// y[indices[i]] = x[i]; the indices are trusted and differ.
  package static func scatter(
    _ count: Int, _ x: UnsafePointer<Self>, _ indices: UnsafePointer<Int32>,
    _ y: UnsafeMutablePointer<Self>
  ) {
    emc_scatter_f32(count, x, indices, y)
  }

  /// y = x in double precision.
  package static func widen(_ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Double>) {
    emc_widen_f32(count, x, y)
  }

  /// y = x rounded to this precision.
  package static func narrow(_ count: Int, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Self>) {
    emc_narrow_f32(count, x, y)
  }
}
