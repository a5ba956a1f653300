import CKernels

/// Rows that differ from one row in few places: x_i = b + v_i, of which the elements of v that aren't zero are kept. Images
/// of strokes on an empty ground are such, and tables with many columns of yes and no.
package final class SparseRows<S: Scalar>: @unchecked Sendable {
  /// Elements of a row.
  private let columns: Int
  /// b: of each column a value that many rows have.
  let background: Buffer<S>
  let values: Buffer<S>
  private let starts: UnsafeMutablePointer<UInt32>
  private let places: UnsafeMutablePointer<UInt16>
  private let block: Int
  private let blocks: Int

  /// The elements of v that rows of so many columns may have on the mean to be worth it: a product takes some four times as
  /// long for one as for an element of a whole row, and there is some work for each row.
  private static func limit(columns: Int) -> Int { max(0, columns * 3 / 10 - 16) }

  /// Bytes that rows may take so: planned for whether they turn out to be such or not, they'd leave whole ones less room.
  private static var mostBytes: Int { 256 << 20 }

  /// The rows of x (count, columns); nil where they differ from any row in too many places.
  package init?(_ x: UnsafePointer<S>, count: Int, columns: Int) {
    guard Self.bytes(count: count, columns: columns) > 0 else { return nil }
    let limit = count * Self.limit(columns: columns)
    let background = Buffer<S>(count: columns)
    let counts = UnsafeMutablePointer<Int32>.allocate(capacity: 2 * columns)
    defer { counts.deallocate() }
    let kept = S.findBackground(count, columns, x, counts: counts, background: background.pointer)
    guard kept <= limit else { return nil }
    self.columns = columns
    self.background = background
    (block, blocks) = Self.blocks(columns)
    values = Buffer(count: kept)
    starts = .allocate(capacity: count * blocks + 1)
    places = .allocate(capacity: max(1, kept))
    S.fillSparse(
      count, columns, block: block, x, background: background.pointer, starts: starts, places: places,
      values: values.pointer)
  }

  deinit {
    starts.deallocate()
    places.deallocate()
  }

  /// Even blocks of columns, and how many: a short last one would be all overhead.
  private static func blocks(_ columns: Int) -> (size: Int, count: Int) {
    let count = (columns + Int(EMC_SPARSE_BLOCK) - 1) / Int(EMC_SPARSE_BLOCK)
    let size = (columns + count - 1) / count
    return (size, (columns + size - 1) / size)
  }

  /// The most bytes that so many rows take; 0 where they aren't kept so.
  package static func bytes(count: Int, columns: Int) -> Int {
    let kept = limit(columns: columns)
    guard kept > 0, count > 0 else { return 0 }
    let bytes = count * (kept * (S.bytes + 2) + 4 * blocks(columns).count) + columns * S.bytes
    return bytes <= mostBytes ? bytes : 0
  }

  /// Reads the rows at `positions`, or from `first` on where those are nil.
  func withNative<T>(
    _ positions: UnsafePointer<Int32>?, first: Int, count: Int, _ body: (UnsafePointer<emc_sparse_rows>) -> T
  ) -> T {
    var rows = emc_sparse_rows()
    rows.columns = columns
    rows.block = block
    rows.blocks = blocks
    rows.starts = UnsafePointer(starts)
    rows.places = UnsafePointer(places)
    rows.count = count
    rows.positions = positions
    rows.first = first
    return withUnsafePointer(to: &rows, body)
  }
}

/// Some of the rows: those at `positions`, one after another, or from `first` on where those are nil.
package struct SparseBatch<S: Scalar> {
  let rows: SparseRows<S>
  let positions: UnsafePointer<Int32>?
  let first: Int
  let count: Int

  /// `count` rows.
  package init(_ rows: SparseRows<S>, positions: UnsafePointer<Int32>?, first: Int, count: Int) {
    self.rows = rows
    self.positions = positions
    self.first = first
    self.count = count
  }

  /// z (count, outputs) = x Wᵀ, W (outputs, columns).
  package func multiply(outputs: Int, _ weights: UnsafePointer<S>, into z: UnsafeMutablePointer<S>) {
    rows.withNative(positions, first: first, count: count) {
      S.multiplySparse(
        $0, values: rows.values.pointer, background: rows.background.pointer, outputs: outputs, weights, z)
    }
  }

  /// dW (outputs, columns) = dzᵀ x (+ dW where `adds`), dz (count, outputs).
  package func weightGradient(
    outputs: Int, _ dz: UnsafePointer<S>, adds: Bool, into gradient: UnsafeMutablePointer<S>
  ) {
    rows.withNative(positions, first: first, count: count) {
      S.addSparse(
        $0, values: rows.values.pointer, background: rows.background.pointer, outputs: outputs, dz,
        adds: adds, gradient)
    }
  }
}
