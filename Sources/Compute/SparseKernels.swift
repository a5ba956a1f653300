import CKernels

/// Products with rows that differ from one row in few places, and how such rows are found.
package protocol SparseKernels {
  /// z (count, outputs) = x Wᵀ, W (outputs, columns).
  static func multiplySparse(
    _ x: UnsafePointer<emc_sparse_rows>, values: UnsafePointer<Self>, background: UnsafePointer<Self>,
    outputs: Int, _ weights: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>)

  /// dW (outputs, columns) = dzᵀ x (+ dW where `adds`), dz (count, outputs).
  static func addSparse(
    _ x: UnsafePointer<emc_sparse_rows>, values: UnsafePointer<Self>, background: UnsafePointer<Self>,
    outputs: Int, _ dz: UnsafePointer<Self>, adds: Bool, _ gradient: UnsafeMutablePointer<Self>)

  /// background[c] = a value that is frequent in x[·, c], its most frequent one where that is more than half; how many of the
  /// elements of x (rows, columns) are another. `counts` (2 · columns) is scratch.
  static func findBackground(
    _ rows: Int, _ columns: Int, _ x: UnsafePointer<Self>, counts: UnsafeMutablePointer<Int32>,
    background: UnsafeMutablePointer<Self>
  ) -> Int

  /// Where the elements of x − background lie that aren't zero, and what they are.
  static func fillSparse(
    _ rows: Int, _ columns: Int, block: Int, _ x: UnsafePointer<Self>, background: UnsafePointer<Self>,
    starts: UnsafeMutablePointer<UInt32>, places: UnsafeMutablePointer<UInt16>,
    values: UnsafeMutablePointer<Self>)
}
