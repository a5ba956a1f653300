/// `[ "-" ] int [ frac ] [ exp ]` (RFC 8259 §6). An integer that fits is one however it is written
/// (`2.0`, `2e0`), so that equal numbers give equal trees; every other number is the nearest double.
struct JSONNumber {
  private let bytes: [UInt8]
  private let start: Int
  /// Behind the last byte that belongs to the number.
  private(set) var end: Int

  /// Powers of ten that a double holds exactly.
  private static let exactPowers: [Double] = (0...22).reduce(into: []) { powers, exponent in
    powers.append(exponent == 0 ? 1 : powers[exponent - 1] * 10)
  }

  init(_ bytes: [UInt8], from start: Int) {
    self.bytes = bytes
    self.start = start
    end = start
  }

  mutating func read() throws(JSONSyntaxError) -> JSONValue {
    let isNegative = bytes[end] == UInt8(ascii: "-")
    if isNegative { end += 1 }
    // The digits as one integer, as long as they fit, and how many of them stand behind the point.
    var mantissa: UInt64 = 0
    var fits = true
    let first = end
    try digits("a digit was expected after the minus sign", &mantissa, &fits)
    if bytes[first] == UInt8(ascii: "0"), end > first + 1 {
      throw JSONSyntaxError(bytes, offset: first, "a number has no leading zero")
    }
    var isInteger = true
    var scale = 0
    if end < bytes.count, bytes[end] == UInt8(ascii: ".") {
      isInteger = false
      end += 1
      let point = end
      try digits("a digit was expected after the decimal point", &mantissa, &fits)
      scale = point - end
    }
    if end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      end += 1
      var isSmall = false
      if end < bytes.count, bytes[end] == UInt8(ascii: "-") || bytes[end] == UInt8(ascii: "+") {
        isSmall = bytes[end] == UInt8(ascii: "-")
        end += 1
      }
      var exponent: UInt64 = 0
      var exponentFits = true
      try digits("a digit was expected in the exponent", &exponent, &exponentFits)
      let bounded = exponentFits ? Int(min(exponent, 100_000)) : 100_000
      scale += isSmall ? -bounded : bounded
    }
    if isInteger, fits {
      if isNegative, mantissa <= UInt64(Int.max) + 1 {
        return .integer(Int(truncatingIfNeeded: 0 &- mantissa))
      }
      if !isNegative, let integer = Int(exactly: mantissa) { return .integer(integer) }
    }
    let number = try double(isNegative, fits ? mantissa : nil, scale)
    return Int(exactly: number).map(JSONValue.integer) ?? .number(number)
  }

  private mutating func digits(
    _ missing: String, _ number: inout UInt64, _ fits: inout Bool
  ) throws(JSONSyntaxError) {
    let first = end
    while end < bytes.count, 0x30...0x39 ~= bytes[end] {
      let (tens, overflows) = number.multipliedReportingOverflow(by: 10)
      let (sum, carries) = tens.addingReportingOverflow(UInt64(bytes[end] & 0x0F))
      fits = fits && !overflows && !carries
      number = sum
      end += 1
    }
    guard end > first else {
      throw JSONSyntaxError(bytes, offset: end, "\(missing), found \(JSONSyntaxError.found(bytes, at: end))")
    }
  }

  /// One rounding gives the nearest double where digits and power of ten are exact (Clinger, "How to read
  /// floating point numbers accurately", 1990); other numbers are left to the standard library.
  private func double(
    _ isNegative: Bool, _ mantissa: UInt64?, _ scale: Int
  ) throws(JSONSyntaxError) -> Double {
    if let mantissa, mantissa <= 1 << 53, abs(scale) <= 22 {
      let digits = Double(mantissa)
      let power = Self.exactPowers[abs(scale)]
      let value = scale < 0 ? digits / power : digits * power
      return isNegative ? -value : value
    }
    let text = String(decoding: bytes[start..<end], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw JSONSyntaxError(
        bytes, offset: start,
        "the number \(JSONSyntaxError.shortened(text)) is too large; a magnitude up to "
          + "\(Double.greatestFiniteMagnitude) was expected")
    }
    return value
  }
}
