/// Elementwise loops over vectors. Reductions add in a fixed order, in double, whatever the processor's vectors.
package protocol VectorKernels {
  /// y = value.
  static func fill(_ count: Int, _ value: Self, _ y: UnsafeMutablePointer<Self>)
  /// y = a·x; y may be x.
  static func scale(_ count: Int, _ a: Self, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)
  /// y += a·x.
  static func addScaled(_ count: Int, _ a: Self, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)
  /// z = x + y; z may be x or y.
  static func add(
    _ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>)
  /// z = x − y; z may be x or y.
  static func subtract(
    _ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>)
  /// z = x·y; z may be x or y.
  static func multiply(
    _ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>)
  /// z += x·y.
  static func addProduct(
    _ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>)
  /// z = a·x + b·y; z may be x or y.
  static func combine(
    _ count: Int, _ a: Self, _ x: UnsafePointer<Self>, _ b: Self, _ y: UnsafePointer<Self>,
    _ z: UnsafeMutablePointer<Self>)
  /// Σ x.
  static func sum(_ count: Int, _ x: UnsafePointer<Self>) -> Double
  /// Σ x·y.
  static func dot(_ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>) -> Double
  /// Σ (x − y)².
  static func squaredDistance(_ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>) -> Double
  /// max |x|, 0 for an empty vector, NaN if any element is.
  static func largestMagnitude(_ count: Int, _ x: UnsafePointer<Self>) -> Self
  /// Whether no element is infinite or NaN.
  static func isFinite(_ count: Int, _ x: UnsafePointer<Self>) -> Bool
  /// y = exp x, within 2 units of the last place; 0 where that would be subnormal. y may be x.
  static func exp(_ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)
  /// y = tanh x, within 3 units of the last place; y may be x.
  static func tanh(_ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)
  /// y = erf x, within 4 units of the last place; y may be x.
  static func erf(_ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)
}

extension VectorKernels where Self: Scalar {
  /// ‖x‖₂.
  package static func norm(_ count: Int, _ x: UnsafePointer<Self>) -> Double {
    dot(count, x, x).squareRoot()
  }
}
