import CKernels

extension Double: SparseKernels {
  /// z (count, outputs) = x Wᵀ.
  package static func multiplySparse(
    _ x: UnsafePointer<emc_sparse_rows>, values: UnsafePointer<Self>, background: UnsafePointer<Self>,
    outputs: Int, _ weights: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>
  ) {
    emc_multiply_sparse_f64(x, values, background, outputs, weights, z)
  }

  /// dW (outputs, columns) = dzᵀ x (+ dW where `adds`).
  package static func addSparse(
    _ x: UnsafePointer<emc_sparse_rows>, values: UnsafePointer<Self>, background: UnsafePointer<Self>,
    outputs: Int, _ dz: UnsafePointer<Self>, adds: Bool, _ gradient: UnsafeMutablePointer<Self>
  ) {
    emc_add_sparse_f64(x, values, background, outputs, dz, adds ? 1 : 0, gradient)
  }

  /// A frequent value of each column, and how many elements are another.
  package static func findBackground(
    _ rows: Int, _ columns: Int, _ x: UnsafePointer<Self>, counts: UnsafeMutablePointer<Int32>,
    background: UnsafeMutablePointer<Self>
  ) -> Int {
    emc_find_background_f64(rows, columns, x, counts, background)
  }

  /// Where the elements of x − background lie that aren't zero, and what they are.
  package static func fillSparse(
    _ rows: Int, _ columns: Int, block: Int, _ x: UnsafePointer<Self>, background: UnsafePointer<Self>,
    starts: UnsafeMutablePointer<UInt32>, places: UnsafeMutablePointer<UInt16>,
    values: UnsafeMutablePointer<Self>
  ) {
    emc_fill_sparse_f64(rows, columns, block, x, background, starts, places, values)
  }
}
