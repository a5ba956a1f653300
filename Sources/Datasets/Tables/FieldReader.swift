/// What a field of a table says.
enum FieldValue {
  case missing
  case number(Double)
  case text
}

/// Reads fields with the words for nothing and the way of writing numbers that a file has.
struct FieldReader {
  /// Before decimals.
  var decimalMark = UInt8(ascii: ".")
  /// Between groups of three digits.
  var thousands: UInt8?
  let missing: MissingWords

  init(missing: MissingWords = MissingWords([])) { self.missing = missing }

  func callAsFunction(_ field: ArraySlice<UInt8>) -> FieldValue {
    if missing.haveNumbers, missing.contains(field) { return .missing }
    if let number = fastNumber(field) { return .number(number) }
    if missing.contains(field) { return .missing }
    if let number = slowNumber(field) { return .number(number) }
    return .text
  }

  /// Up to 15 digits with up to 15 behind the mark: an integer and a power of ten that doubles hold exactly, so that
  /// one division rounds once.
  private func fastNumber(_ field: ArraySlice<UInt8>) -> Double? {
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
      } else if byte == decimalMark, decimals < 0 {
        decimals = 0
      } else {
        return nil
      }
      if digits > 15 { return nil }
    }
    guard digits > 0 else { return nil }
    let value = Double(mantissa) / Self.powers[max(0, decimals)]
    return negative ? -value : value
  }

  private static let powers: [Double] = (0...15).map { (0..<$0).reduce(1.0) { power, _ in power * 10 } }

  /// The number that any other decimal writing says, correctly rounded; infinite where it says that.
  private func slowNumber(_ field: ArraySlice<UInt8>) -> Double? {
    guard field.count <= 64, let first = field.first, Self.mayStartNumber[Int(first)] || first == decimalMark
    else { return nil }
    var text = Array(field)
    if let thousands, text.contains(thousands) {
      guard Self.isGrouped(text, by: thousands, decimalMark: decimalMark) else { return nil }
      text.removeAll { $0 == thousands }
    }
    if decimalMark != UInt8(ascii: ".") {
      guard !text.contains(UInt8(ascii: ".")) else { return nil }
      text = text.map { $0 == decimalMark ? UInt8(ascii: ".") : $0 }
    }
    let string = String(decoding: text, as: UTF8.self)
    guard let value = Double(string), !string.lowercased().contains("x"), !value.isNaN else { return nil }
    return value
  }

  private static let mayStartNumber: [Bool] = {
    var may = [Bool](repeating: false, count: 256)
    for byte in "+-.0123456789iI".utf8 { may[Int(byte)] = true }
    return may
  }()

  /// Whether the whole part is one to three digits, then groups of three.
  static func isGrouped(_ text: [UInt8], by mark: UInt8, decimalMark: UInt8) -> Bool {
    let digits = text.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    let whole = digits.prefix { $0 != decimalMark }
    guard !digits[whole.endIndex...].contains(mark) else { return false }
    let groups = whole.split(separator: mark, omittingEmptySubsequences: false)
    guard groups.count > 1, groups.allSatisfy({ $0.allSatisfy { 48...57 ~= $0 } }) else { return false }
    return 1...3 ~= groups[0].count && groups.dropFirst().allSatisfy { $0.count == 3 }
  }
}

/// The words that mean a missing value: those of pandas's `read_csv`, `?`, and a file's own.
struct MissingWords {
  static let usual = [
    "", "?", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
    "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
  ]

  private let words: [[UInt8]]
  private let mayStart: [Bool]
  private let longest: Int
  /// Whether a word reads as a number, so that it has to be looked for first.
  let haveNumbers: Bool

  init(_ further: [String]) {
    words = (Self.usual + further).map { Array($0.utf8) }
    var mayStart = [Bool](repeating: false, count: 256)
    for word in words { if let first = word.first { mayStart[Int(first)] = true } }
    self.mayStart = mayStart
    longest = words.map(\.count).max() ?? 0
    haveNumbers = further.contains { Double($0.replacing(",", with: ".")) != nil }
  }

  func contains(_ field: ArraySlice<UInt8>) -> Bool {
    guard let first = field.first else { return true }
    guard mayStart[Int(first)], field.count <= longest else { return false }
    return words.contains { $0.elementsEqual(field) }
  }
}
