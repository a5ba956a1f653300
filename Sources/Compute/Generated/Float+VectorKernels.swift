// Written by scripts/generate-float-kernels from Double+VectorKernels.swift: change that one.
import CKernels

extension Float: VectorKernels {
  /// y = value.
  package static func fill(_ count: Int, _ value: Self, _ y: UnsafeMutablePointer<Self>) {
    emc_fill_f32(count, value, y)
  }

  /// y = a·x; y may be x.
  package static func scale(
    _ count: Int, _ a: Self, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>
  ) {
    emc_scale_f32(count, a, x, y)
  }

  /// y += a·x.
  package static func addScaled(
    _ count: Int, _ a: Self, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>
  ) {
    emc_add_scaled_f32(count, a, x, y)
  }

  /// z = x + y; z may be x or y.
  package static func add(
    _ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>
  ) {
    emc_add_f32(count, x, y, z)
  }

  /// z = x − y; z may be x or y.
  package static func subtract(
    _ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>
  ) {
    emc_subtract_f32(count, x, y, z)
  }

  /// z = x·y; z may be x or y.
  package static func multiply(
    _ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>
  ) {
    emc_multiply_f32(count, x, y, z)
  }

  /// z += x·y.
  package static func addProduct(
    _ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>
  ) {
    emc_add_product_f32(count, x, y, z)
  }

  /// z = a·x + b·y; z may be x or y.
  package static func combine(
    _ count: Int, _ a: Self, _ x: UnsafePointer<Self>, _ b: Self, _ y: UnsafePointer<Self>,
    _ z: UnsafeMutablePointer<Self>
  ) {
    emc_combine_f32(count, a, x, b, y, z)
  }

  /// Σ x.
  package static func sum(_ count: Int, _ x: UnsafePointer<Self>) -> Double {
    emc_sum_f32(count, x)
  }

  /// Σ x·y.
  package static func dot(_ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>) -> Double {
    emc_dot_f32(count, x, y)
  }

  /// Σ (x − y)².
  package static func squaredDistance(
    _ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>
  ) -> Double {
    emc_squared_distance_f32(count, x, y)
  }

  /// max |x|, 0 for an empty vector, NaN if any element is.
  package static func largestMagnitude(_ count: Int, _ x: UnsafePointer<Self>) -> Self {
    emc_largest_magnitude_f32(count, x)
  }

  /// Whether no element is infinite or NaN.
  package static func isFinite(_ count: Int, _ x: UnsafePointer<Self>) -> Bool {
    emc_is_finite_f32(count, x) != 0
  }

  /// y = exp x, within 2 units of the last place; 0 where that would be subnormal. y may be x.
  package static func exp(_ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>) {
    emc_exp_f32(count, x, y)
  }

  /// y = tanh x, within 3 units of the last place; y may be x.
  package static func tanh(_ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>) {
    emc_tanh_f32(count, x, y)
  }

  /// y = erf x, within 4 units of the last place; y may be x.
  package static func erf(_ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>) {
    emc_erf_f32(count, x, y)
  }
}
