import Compute

/// A symmetric matrix of which only products with vectors are known.
package protocol SymmetricOperator {
  /// Rows.
  var size: Int { get }

  /// product = A · vector. Returns false to end the run without a result.
  func multiply(_ vector: Buffer<Double>, into product: Buffer<Double>) -> Bool
}
