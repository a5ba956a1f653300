/// Inputs of a set of samples that are made whenever they are asked for, since all of them at once take more memory
/// than they may.
package protocol RowStream: Sendable {
  /// Writes the inputs of the samples at these positions of the set, one row after the other, from the buffer's first
  /// element on. The same position always gives the same bits.
  func write(_ positions: UnsafeBufferPointer<Int32>, into rows: Buffer<Float>)
}

/// How much of a training set's inputs stays in memory.
package enum ResidentRows {
  /// Bytes of inputs up to which all of them stay: 43,690 images of 64 × 64 × 3 in single precision.
  package static let bytes = 2 << 30
  /// Samples that stay whatever they take: as many as a Hessian is taken of.
  package static let minimum = 4_096

  /// Of so many samples of `width` values in single precision, those that stay: the first ones.
  package static func count(of samples: Int, width: Int) -> Int {
    min(samples, max(minimum, bytes / (4 * width)))
  }

  /// Whether so many samples stay in double precision too, beside those in single precision that they are made of.
  package static func fitInDouble(_ samples: Int, width: Int) -> Bool {
    samples <= max(minimum, bytes / (12 * width))
  }
}

/// Rows that all are in memory, copied when they are asked for.
package struct ResidentStream: RowStream {
  private let rows: Buffer<Float>
  private let width: Int

  /// The rows of a buffer.
  package init(rows: Buffer<Float>, width: Int) { (self.rows, self.width) = (rows, width) }

  package func write(_ positions: UnsafeBufferPointer<Int32>, into rows: Buffer<Float>) {
    guard let first = positions.baseAddress else { return }
    Float.gatherRows(positions.count, width, self.rows.pointer, first, rows.pointer)
  }
}

/// A stream whose first rows are in memory.
package struct PartlyResidentRows: RowStream {
  private let resident: Buffer<Float>
  private let width: Int
  private let rest: any RowStream

  /// `resident` holds the rows of the first positions; `rest` makes the others.
  package init(resident: Buffer<Float>, width: Int, rest: any RowStream) {
    self.resident = resident
    self.width = width
    self.rest = rest
  }

  package func write(_ positions: UnsafeBufferPointer<Int32>, into rows: Buffer<Float>) {
    let residentCount = Int32(resident.count / width)
    var made = 0
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: positions.count) { missing in
      for position in positions where position >= residentCount {
        missing[made] = position
        made += 1
      }
      if made > 0 { rest.write(UnsafeBufferPointer(rebasing: missing[..<made]), into: rows) }
    }
    // What was made lies at the beginning; from the last on, each moves to its place, which is never before it.
    for (row, position) in zip(positions.indices, positions).reversed() {
      let target = rows.pointer + row * width
      if position < residentCount {
        target.update(from: resident.pointer + Int(position) * width, count: width)
      } else {
        made -= 1
        if made != row { target.update(from: rows.pointer + made * width, count: width) }
      }
    }
  }
}
