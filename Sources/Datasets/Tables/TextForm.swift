/// What a field that is no number looks like, so that a column can be refused with the remedy.
enum TextForm: Int, CaseIterable {
  case word
  case boolean
  case percent
  case currency
  case date
  /// A comma that can only stand before decimals: `0,5`.
  case decimalComma
  /// The same with points between thousands: `1.234,5`.
  case decimalCommaWithPoints
  /// Commas that can only stand between thousands: `1,234,567`, `1,234.5`.
  case thousandsComma
  /// A comma that may be either: `56,217`.
  case eitherComma
  /// Digits in groups with another character between them: `56 217`, `56'217`.
  case grouped
  /// A point where the decimal mark is another.
  case point

  init(_ field: ArraySlice<UInt8>) {
    self = Self.form(field)
  }

  private static func form(_ field: ArraySlice<UInt8>) -> TextForm {
    guard let first = field.first, let last = field.last else { return .word }
    if field.count <= 5, isBoolean(field) { return .boolean }
    let isDigit = { (byte: UInt8) in 48...57 ~= byte }
    if last == UInt8(ascii: "%"), field.contains(where: isDigit), isNumeric(field.dropLast()) {
      return .percent
    }
    if !isDigit(first) || !isDigit(last), isCurrency(field) { return .currency }
    guard isDigit(first) || "+-.,".utf8.contains(first) else { return .word }
    if Dates.looksLikeOne(field) { return .date }
    let signless =
      field.first == UInt8(ascii: "-") || field.first == UInt8(ascii: "+") ? field.dropFirst() : field
    let text = Array(signless)
    let comma = UInt8(ascii: ",")
    let point = UInt8(ascii: ".")
    guard text.allSatisfy({ isDigit($0) || separators.contains($0) }), text.contains(where: isDigit) else {
      return isExponent(text) ? .decimalComma : .word
    }
    let (commas, points) = (text.count { $0 == comma }, text.count { $0 == point })
    let others = text.count { !isDigit($0) } - commas - points
    if others > 0 {
      let mark = text.first { !isDigit($0) && $0 != comma && $0 != point } ?? 0
      let isOne = text.count { $0 == mark } == others
      return isOne && FieldReader.isGrouped(text, by: mark, decimalMark: commas > 0 ? comma : point)
        ? .grouped : .word
    }
    if commas == 0 {
      return points == 1 || FieldReader.isGrouped(text, by: point, decimalMark: comma) ? .point : .word
    }
    if commas == 1, points > 0, FieldReader.isGrouped(text, by: point, decimalMark: comma) {
      return .decimalCommaWithPoints
    }
    if FieldReader.isGrouped(text, by: comma, decimalMark: point), text.first != UInt8(ascii: "0") {
      return commas > 1 || points == 1 ? .thousandsComma : points == 0 ? .eitherComma : .word
    }
    return commas == 1 && points == 0 ? .decimalComma : .word
  }

  private static let separators: Set<UInt8> = [
    UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: " "), UInt8(ascii: "'"), UInt8(ascii: "_"),
  ]

  /// `1,5e-7`
  private static func isExponent(_ text: [UInt8]) -> Bool {
    guard text.count <= 40, text.contains(where: { $0 == 69 || $0 == 101 }),
      text.count(where: { $0 == 44 }) == 1
    else {
      return false
    }
    return Double(String(decoding: text.map { $0 == 44 ? 46 : $0 }, as: UTF8.self)) != nil
  }

  private static let booleans = ["true", "false"].map { Array($0.utf8) }

  /// Whether the field is `true` or `false` in lower case, in capitals or as a name.
  static func isBoolean(_ field: ArraySlice<UInt8>) -> Bool { boolean(field) != nil }

  /// The value of `true` or `false`; nil for anything else.
  static func boolean(_ field: ArraySlice<UInt8>) -> Bool? {
    guard field.count == 4 || field.count == 5 else { return nil }
    let lowered = field.map { $0 | 0x20 }
    // tRUE is a word.
    let capitals = field.count { $0 & 0x20 == 0 }
    guard capitals == 0 || capitals == field.count || capitals == 1 && field.first! & 0x20 == 0 else {
      return nil
    }
    return lowered == booleans[0] ? true : lowered == booleans[1] ? false : nil
  }

  /// Digits with signs, marks and spaces between them.
  private static func isNumeric(_ field: some Collection<UInt8>) -> Bool {
    field.contains { 48...57 ~= $0 } && field.allSatisfy { 48...57 ~= $0 || "+-., '\u{a0}".utf8.contains($0) }
  }

  private static func isCurrency(_ field: ArraySlice<UInt8>) -> Bool {
    guard field.count <= 40, field.contains(where: { 48...57 ~= $0 }),
      field.contains(where: { $0 == UInt8(ascii: "$") || $0 >= 0x80 })
    else { return false }
    let text = String(decoding: field, as: UTF8.self)
    let symbols = text.unicodeScalars.filter { $0.properties.generalCategory == .currencySymbol }
    guard symbols.count == 1 else { return false }
    return isNumeric(
      Array(text.unicodeScalars.filter { !symbols.contains($0) }.map(String.init).joined().utf8))
  }
}

/// Dates in tables.
enum Dates {
  /// Days since 1970-01-01 of `YYYY-MM-DD`, with the part of the day of `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff` behind `T`
  /// or a space, and a zone `Z` or `±hh:mm`; nil for anything else.
  static func days(_ field: ArraySlice<UInt8>) -> Double? {
    let bytes = Array(field)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[range] {
        guard 48...57 ~= byte else { return nil }
        value = value * 10 + Int(byte - 48)
      }
      return value
    }
    func at(_ position: Int, _ characters: String) -> Bool {
      position < bytes.count && characters.utf8.contains(bytes[position])
    }
    guard bytes.count >= 10, bytes.count <= 40, let year = number(0..<4), at(4, "-"),
      let month = number(5..<7),
      at(7, "-"), let day = number(8..<10), 1...12 ~= month, 1...length(of: month, year) ~= day
    else { return nil }
    let date = Double(daysSinceEpoch(year, month, day))
    guard bytes.count > 10 else { return date }
    guard at(10, "T "), let hour = number(11..<13), at(13, ":"), let minute = number(14..<16), hour < 24,
      minute < 60
    else { return nil }
    var seconds = Double(hour * 3_600 + minute * 60)
    var position = 16
    if at(position, ":") {
      guard let second = number(17..<19), second < 61 else { return nil }
      seconds += Double(second)
      position = 19
      if at(position, ".") {
        var scale = 0.1
        position += 1
        while position < bytes.count, let digit = number(position..<position + 1) {
          seconds += Double(digit) * scale
          scale /= 10
          position += 1
        }
      }
    }
    if at(position, "Z") {
      position += 1
    } else if at(position, "+-") {
      guard let hours = number(position + 1..<position + 3), at(position + 3, ":"),
        let minutes = number(position + 4..<position + 6)
      else { return nil }
      seconds += Double(hours * 3_600 + minutes * 60) * (at(position, "+") ? -1 : 1)
      position += 6
    }
    return position == bytes.count ? date + seconds / 86_400 : nil
  }

  /// Whether a field is a date or a time, in any of the usual ways of writing one.
  static func looksLikeOne(_ field: ArraySlice<UInt8>) -> Bool {
    guard 5...40 ~= field.count else { return false }
    if days(field) != nil { return true }
    let date = field.prefix { $0 != 32 && $0 != UInt8(ascii: "T") }
    for mark in "-/.:".utf8 {
      let parts = date.split(separator: mark, omittingEmptySubsequences: false)
      guard parts.allSatisfy({ 1...4 ~= $0.count && $0.allSatisfy { 48...57 ~= $0 } }) else { continue }
      let lengths = parts.map(\.count)
      if mark == UInt8(ascii: ":") {
        if parts.count == 2 || parts.count == 3, lengths.allSatisfy({ $0 <= 2 }), lengths[1] == 2 {
          return true
        }
      } else if parts.count == 3, lengths[1] <= 2 {
        // Day and month in either order, the year first or last.
        if lengths[0] == 4 && lengths[2] <= 2 || lengths[0] <= 2 && (lengths[2] == 4 || lengths[2] == 2) {
          return true
        }
      }
    }
    return false
  }

  private static func length(of month: Int, _ year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Of the proleptic Gregorian calendar, counting years from March so that leap days come last.
  private static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
