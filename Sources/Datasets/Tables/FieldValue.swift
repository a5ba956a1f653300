/// What a field of a table says.
enum FieldValue {
  case missing
  case number(Double)
  case text

  /// Nothing, `?` or one of the usual words for nothing is missing; a number is decimal.
  init(_ field: ArraySlice<UInt8>) {
    if field.count <= 4, Self.isMissing(field) {
      self = .missing
    } else if let number = Self.number(field) {
      self = .number(number)
    } else {
      self = .text
    }
  }

  private static let missingWords = ["", "?", "NA", "N/A", "null", "NULL"].map { Array($0.utf8) }

  private static func isMissing(_ field: ArraySlice<UInt8>) -> Bool {
    guard let first = field.first else { return true }
    guard first == 63 || first == 78 || first == 110 else { return false }
    return missingWords.contains { $0.elementsEqual(field) }
  }

  /// The number that the digits say, correctly rounded; infinite and NaN where they say that.
  private static func number(_ field: ArraySlice<UInt8>) -> Double? {
    // Up to 15 digits with up to 15 behind the point: an integer and a power of ten that doubles hold exactly,
    // so that one division rounds once.
    var mantissa = 0
    var digits = 0
    var decimals = -1
    var rest = field
    let negative = rest.first == UInt8(ascii: "-")
    if negative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    for byte in rest {
      if 48...57 ~= byte {
        mantissa = mantissa &* 10 &+ Int(byte - 48)
        digits += 1
        if decimals >= 0 { decimals += 1 }
      } else if byte == UInt8(ascii: "."), decimals < 0 {
        decimals = 0
      } else {
        return slowNumber(field)
      }
      if digits > 15 { return slowNumber(field) }
    }
    guard digits > 0 else { return nil }
    let value = Double(mantissa) / powers[max(0, decimals)]
    return negative ? -value : value
  }

  private static let powers: [Double] = (0...15).map { (0..<$0).reduce(1.0) { power, _ in power * 10 } }

  private static func slowNumber(_ field: ArraySlice<UInt8>) -> Double? {
    guard field.count <= 64 else { return nil }
    let text = String(decoding: field, as: UTF8.self)
    guard let value = Double(text), !text.lowercased().contains("x") else { return nil }
    return value
  }
}
