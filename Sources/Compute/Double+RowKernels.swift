import CKernels

extension Double: RowKernels {
  /// y[r, :] = x[indices[r], :]; the indices are trusted.
  package static func gatherRows(
    _ rows: Int, _ columns: Int, _ x: UnsafePointer<Self>, _ indices: UnsafePointer<Int32>,
    _ y: UnsafeMutablePointer<Self>
  ) {
    emc_gather_rows_f64(rows, columns, x, indices, y)
  }

  /// y[r, :] += x, x (columns).
  package static func addToRows(
    _ rows: Int, _ columns: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>
  ) {
    emc_add_to_rows_f64(rows, columns, x, y)
  }

  /// y[c] = beta·y[c] + Σ_r x[r, c]; with beta 0, y is only written.
  package static func columnSums(
    _ rows: Int, _ columns: Int, _ x: UnsafePointer<Self>, _ beta: Self, _ y: UnsafeMutablePointer<Self>
  ) {
    emc_column_sums_f64(rows, columns, x, beta, y)
  }

  /// y[c] = beta·y[c] + Σ_r w[r, c]·x[r, c]; with beta 0, y is only written.
  package static func columnProducts(
    _ rows: Int, _ columns: Int, _ w: UnsafePointer<Self>, _ x: UnsafePointer<Self>, _ beta: Self,
    _ y: UnsafeMutablePointer<Self>
  ) {
    emc_column_products_f64(rows, columns, w, x, beta, y)
  }
}
