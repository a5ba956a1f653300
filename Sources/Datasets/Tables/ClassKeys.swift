/// What of a class cell names the class.
struct ClassKeys: Sendable {
  /// A byte that may follow class names and doesn't count.
  var suffix: UInt8?
  /// Whether classes are integers that may be written as decimals: `1.0e+00`.
  var areIntegers = false
  /// Where the cell holds a number: class 1 has those up to the first threshold, and so on; none: the cell is the class.
  var thresholds: [Double] = []

  func callAsFunction(_ field: ArraySlice<UInt8>) -> [UInt8] {
    if areIntegers || !thresholds.isEmpty, case .number(let value) = Self.reader(field) {
      if !thresholds.isEmpty { return Array(String(thresholds.count { value > $0 } + 1).utf8) }
      if let integer = Int(exactly: value) { return Array(String(integer).utf8) }
    }
    return Array(field.last == suffix ? field.dropLast() : field)
  }

  private static let reader = FieldReader()
}
