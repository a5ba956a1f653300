/// Loops over the rows of row-major matrices (rows, columns).
package protocol RowKernels {
  /// y[r, :] = x[indices[r], :]; the indices are trusted.
  static func gatherRows(
    _ rows: Int, _ columns: Int, _ x: UnsafePointer<Self>, _ indices: UnsafePointer<Int32>,
    _ y: UnsafeMutablePointer<Self>)
  /// y[r, :] += x, x (columns).
  static func addToRows(
    _ rows: Int, _ columns: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)
  /// y[c] = beta·y[c] + Σ_r x[r, c]; with beta 0, y is only written.
  static func columnSums(
    _ rows: Int, _ columns: Int, _ x: UnsafePointer<Self>, _ beta: Self, _ y: UnsafeMutablePointer<Self>)
  /// y[c] = beta·y[c] + Σ_r w[r, c]·x[r, c]; with beta 0, y is only written.
  static func columnProducts(
    _ rows: Int, _ columns: Int, _ w: UnsafePointer<Self>, _ x: UnsafePointer<Self>, _ beta: Self,
    _ y: UnsafeMutablePointer<Self>)
}
