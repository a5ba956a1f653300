import Compute
import Testing

/// Products with rows that differ from one row in few places, against sums in double over all their elements.
@Suite struct SparseRowsTests {
  /// Rows (count, columns) of which each element is a column's ground but for a part of them; of every fifth column the ground is
  /// that of two rows in five alone, as a picture's middle is, and of the first ones, so that a vote forgets it. The first column
  /// is the same in all.
  static func rows<S: Scalar>(
    _: S.Type, count: Int, columns: Int, part: Double,
    ground: (Int) -> Double = { $0 % 5 == 3 ? 0 : -0.42 }
  ) -> Buffer<S> {
    var stream = RandomStream(seed: UInt64(count * 1_009 + columns), purpose: .inputs)
    return Buffer<S>(
      (0..<count * columns).map { index in
        let column = index % columns
        let isOther =
          column % 5 == 4 ? 5 * (index / columns) >= 2 * count : column > 0 && stream.uniform() < part
        return S(isOther ? stream.normal() : ground(column))
      })
  }

  private func check<S: Scalar>(_: S.Type, columns: Int, outputs: Int, tolerance: Double) throws {
    let count = 40
    let x = Self.rows(S.self, count: count, columns: columns, part: 0.04)
    let rows = try #require(SparseRows(x.pointer, count: count, columns: columns))
    var stream = RandomStream(seed: UInt64(columns * outputs), purpose: .inputs)
    let weights = Buffer<S>((0..<outputs * columns).map { _ in S(stream.normal()) })
    let positions = (0..<17).map { Int32(39 - 2 * $0) }
    let dz = Buffer<S>((0..<positions.count * outputs).map { _ in S(stream.normal()) })
    for taken in [positions, (11..<28).map { Int32($0) }] {
      let z = Buffer<S>(repeatElement(.nan, count: taken.count * outputs))
      let written = Buffer<S>(repeatElement(.nan, count: outputs * columns))
      let added = Buffer<S>(repeatElement(1, count: outputs * columns))
      taken.withUnsafeBufferPointer { order in
        // The second are rows one after another.
        let batch = SparseBatch(
          rows, positions: taken == positions ? order.baseAddress : nil, first: 11, count: taken.count)
        batch.multiply(outputs: outputs, weights.pointer, into: z.pointer)
        batch.weightGradient(outputs: outputs, dz.pointer, adds: false, into: written.pointer)
        batch.weightGradient(outputs: outputs, dz.pointer, adds: true, into: added.pointer)
      }
      var worst = 0.0
      func note(_ value: S, _ expected: Double) {
        let error = abs(Double(value) - expected)
        worst = error <= worst ? worst : error
      }
      for (i, row) in taken.enumerated() {
        for o in 0..<outputs {
          note(
            z[i * outputs + o],
            (0..<columns).reduce(0.0) {
              $0 + Double(x[Int(row) * columns + $1]) * Double(weights[o * columns + $1])
            })
        }
      }
      for o in 0..<outputs {
        for c in 0..<columns {
          let sum = taken.enumerated().reduce(0.0) {
            $0 + Double(x[Int($1.element) * columns + c]) * Double(dz[$1.offset * outputs + o])
          }
          note(written[o * columns + c], sum)
          note(added[o * columns + c], sum + 1)
        }
      }
      #expect(worst <= tolerance * Double(columns + 1), "\(columns) columns, \(outputs) outputs")
    }
  }

  /// Around the widths of vectors, of what stays in registers, and of a block of columns.
  @Test(arguments: [130, 399, 401, 801], [1, 3, 8, 10, 17, 63, 64, 65, 130])
  func productsAreThoseOfWholeRows(columns: Int, outputs: Int) throws {
    try check(Float.self, columns: columns, outputs: outputs, tolerance: 1e-6)
    try check(Double.self, columns: columns, outputs: outputs, tolerance: 1e-14)
  }

  /// Rows that differ from every row in many places stay whole, and so do rows of few columns.
  @Test func whatIsNotWorthItStaysWhole() {
    func sparse(_ columns: Int, _ part: Double) -> SparseRows<Float>? {
      let x = Self.rows(Float.self, count: 50, columns: columns, part: part)
      return SparseRows(x.pointer, count: 50, columns: columns)
    }
    #expect(sparse(400, 0.05) != nil)
    #expect(sparse(400, 0.5) == nil && sparse(20, 0) == nil)
    let x = Self.rows(Float.self, count: 50, columns: 400, part: 1)
    #expect(SparseRows(x.pointer, count: 50, columns: 400) == nil)
    // Values of the columns themselves, whatever they are.
    let far = Self.rows(Float.self, count: 50, columns: 400, part: 0.02) { Double($0) }
    #expect(SparseRows(far.pointer, count: 50, columns: 400) != nil)
  }
}
