/// A text that is not JSON, or larger than its reader allows: where it stops being so, and what was expected.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Counted from 1; a line ends with LF, CR or both.
  package let line: Int
  /// Counted from 1, in code points.
  package let column: Int
  /// What was expected, and what stands there.
  package let problem: String
  /// The grammar may be kept: the text is deeper, or has more values, than the reader allows.
  package let exceedsLimits: Bool

  package var description: String {
    exceedsLimits
      ? "the text is too large at line \(line), column \(column): \(problem)"
      : "the text is not valid JSON at line \(line), column \(column): \(problem)"
  }

  init(_ bytes: [UInt8], offset: Int, exceedsLimits: Bool = false, _ problem: String) {
    var line = 1
    var column = 1
    for (index, byte) in bytes[..<offset].enumerated() {
      switch byte {
      case 0x0A:
        // The second half of a line end that its first has counted.
        if index == 0 || bytes[index - 1] != 0x0D { line += 1 }
        column = 1
      case 0x0D:
        line += 1
        column = 1
      // Continuation bytes belong to the code point before, and the byte order mark to nobody.
      case 0x80..<0xC0: break
      default: if byte != 0xEF || index > 0 { column += 1 }
      }
    }
    self.line = line
    self.column = column
    self.problem = problem
    self.exceedsLimits = exceedsLimits
  }

  /// The same fault in a text of many lines, of which so many stand before this one.
  package func after(lines: Int) -> JSONSyntaxError {
    JSONSyntaxError(line: line + lines, column: column, problem: problem, exceedsLimits: exceedsLimits)
  }

  private init(line: Int, column: Int, problem: String, exceedsLimits: Bool) {
    (self.line, self.column, self.problem, self.exceedsLimits) = (line, column, problem, exceedsLimits)
  }

  /// What stands at an offset, for people: the word, number or character, or the end of the text.
  static func found(_ bytes: [UInt8], at offset: Int) -> String {
    guard offset < bytes.count else { return "the end of the text" }
    let isWord = { (byte: UInt8) in
      0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte || byte == UInt8(ascii: "_")
    }
    let word = bytes[offset...].prefix(40).prefix(while: isWord)
    if !word.isEmpty { return String(decoding: word, as: UTF8.self) }
    let text = String(decoding: bytes[offset..<min(bytes.count, offset + 4)], as: UTF8.self)
    guard let scalar = text.unicodeScalars.first, scalar != "\u{FFFD}" else {
      return "a byte that is no text"
    }
    switch scalar {
    case "\n", "\r": return "the end of the line"
    case _ where scalar.properties.isWhitespace || scalar.value < 0x20 || scalar.value == 0x7F:
      return "the character U+\(hexadecimal(scalar.value))"
    default: return String(scalar)
    }
  }

  /// A name in quotation marks, at most 60 code points of it.
  static func quoted(_ name: String) -> String { JSONValue.string(shortened(name)).text() }

  /// At most `count` code points, and an ellipsis where there were more.
  static func shortened(_ text: String, to count: Int = 60) -> String {
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: count, limitedBy: scalars.endIndex),
      end < scalars.endIndex
    else { return text }
    return String(scalars[..<end]) + "…"
  }

  /// At least four digits, in small letters.
  static func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
