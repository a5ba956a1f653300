/// One range of bytes (RFC 9110 §14.1.2), held against a content's length.
package enum ByteRange: Sendable, Equatable {
  /// Everything: no range was asked for, or one that a server may ignore (several, another unit, no range).
  case whole
  case part(Range<Int>)
  /// No byte of the content is in it: 416.
  case unsatisfiable

  package init(_ field: String?, length: Int) {
    self = .whole
    guard let field, field.lowercased().hasPrefix("bytes=") else { return }
    let ends = field.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
      .map { String($0.filter { $0 != " " && $0 != "\t" }) }
    guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy(\.isDigit) }) else { return }
    // A number that no Int holds lies behind every end.
    let numbers = ends.map { $0.isEmpty ? nil : PlainNumber.parse($0) ?? .max }
    switch (numbers[0], numbers[1]) {
    case (nil, nil): return
    case (nil, let suffix?):
      self = suffix == 0 || length == 0 ? .unsatisfiable : .part(max(0, length - suffix)..<length)
    case (let first?, let last):
      if let last, last < first { return }
      self = first >= length ? .unsatisfiable : .part(first..<(min(last ?? .max, length - 1) + 1))
    }
  }
}
