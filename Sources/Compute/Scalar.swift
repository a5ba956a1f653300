/// The number type of a network: `Float` to train, `Double` to verify.
///
/// Generic code over `Scalar` never loops over elements itself: unspecialised witnesses would make such loops many
/// times slower. Every loop is a static requirement of one of the protocols below, with a concrete kernel for each
/// type. A module that needs another kernel adds it here, in a protocol of its own subject.
package protocol Scalar:
  BinaryFloatingPoint, SIMDScalar, Sendable, Codable, LosslessStringConvertible, VectorKernels, RowKernels,
  ActivationKernels, LossKernels, UpdateKernels, LinearAlgebra, NormalizationKernels, SpatialKernels,
  TrainingKernels, ImageKernels, WindowKernels, WinogradKernels, SparseKernels
{
  /// The significand's and exponent's width in bytes: 4 or 8.
  static var bytes: Int { get }
}

extension Float: Scalar {
  /// Four bytes.
  package static var bytes: Int { 4 }
}

extension Double: Scalar {
  /// Eight bytes.
  package static var bytes: Int { 8 }
}
