/// How large a JSON text may be. What exceeds a bound is refused before memory is spent on it.
package struct JSONLimits: Sendable, Hashable {
  /// Levels of arrays and objects within each other; RFC 8259 §9 leaves the bound to the parser.
  package var depth: Int
  /// Values of every kind, those within arrays and objects included.
  package var values: Int

  package init(depth: Int = 128, values: Int = .max) {
    self.depth = depth
    self.values = values
  }

  /// For documents of clients: more than a thousand specifications have with everything spelled out, and a
  /// bound on the memory that a body of short values can ask for.
  package static let body = JSONLimits(values: 250_000)
}

/// Reads one JSON text by RFC 8259, with member names unique as RFC 7493 §2.3 has it. Nothing beside the
/// grammar passes: no trailing comma, no comment, no number that isn't finite, no half of a surrogate pair.
/// A byte order mark before the text is skipped, as RFC 8259 §8.1 allows.
///
/// Member names are one where Unicode has them canonically equivalent: a dictionary couldn't keep them apart.
struct JSONParser {
  private let bytes: [UInt8]
  private let limits: JSONLimits
  private var position = 0
  private var depth = 0
  private var values = 0

  init(_ bytes: [UInt8], limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// The whole text as one value.
  mutating func parse() throws(JSONSyntaxError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    // The first character is ASCII: in UTF-16 and UTF-32 there is a zero in its first two bytes.
    if bytes.count >= 2, bytes[0] == 0 || bytes[1] == 0 || bytes[0] >= 0xFE {
      throw fault("a text in UTF-8 was expected; this is UTF-16, UTF-32 or no text", at: 0)
    }
    skipSpace()
    let value = try value()
    skipSpace()
    guard position == bytes.count else { throw expected("the end of the text") }
    return value
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  private mutating func value() throws(JSONSyntaxError) -> JSONValue {
    values += 1
    guard values <= limits.values else {
      throw JSONSyntaxError(
        bytes, offset: position, exceedsLimits: true, "the text has more than \(limits.values) values")
    }
    switch current {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case let byte? where byte == UInt8(ascii: "-") || 0x30...0x39 ~= byte:
      var number = JSONNumber(bytes, from: position)
      let value = try number.read()
      position = number.end
      return value
    case UInt8(ascii: "'"):
      throw fault("a value was expected; strings stand in double quotation marks", at: position)
    default: throw expected("a value")
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
    let end = position + word.utf8CodeUnitCount
    let isWord =
      end <= bytes.count
      && word.withUTF8Buffer { text in
        for index in 0..<text.count where bytes[position + index] != text[index] { return false }
        return true
      }
    guard isWord else { throw expected("a value") }
    position = end
    return value
  }

  private mutating func enter() throws(JSONSyntaxError) {
    depth += 1
    guard depth <= limits.depth else {
      throw JSONSyntaxError(
        bytes, offset: position, exceedsLimits: true,
        "arrays and objects stand more than \(limits.depth) levels deep in each other")
    }
    position += 1
    skipSpace()
  }

  private mutating func array() throws(JSONSyntaxError) -> JSONValue {
    try enter()
    var elements: [JSONValue] = []
    if current == UInt8(ascii: "]") {
      position += 1
      depth -= 1
      return .array(elements)
    }
    while true {
      elements.append(try value())
      skipSpace()
      switch current {
      case UInt8(ascii: ","):
        position += 1
        skipSpace()
        if current == UInt8(ascii: "]") { throw expected("a value after the comma") }
      case UInt8(ascii: "]"):
        position += 1
        depth -= 1
        return .array(elements)
      default: throw expected("a comma or ] after the array's element")
      }
    }
  }

  private mutating func object() throws(JSONSyntaxError) -> JSONValue {
    try enter()
    var members: [String: JSONValue] = [:]
    if current == UInt8(ascii: "}") {
      position += 1
      depth -= 1
      return .object(members)
    }
    while true {
      guard current == UInt8(ascii: "\"") else {
        throw expected(
          members.isEmpty
            ? "a member's name in double quotation marks, or }"
            : "a member's name in double quotation marks after the comma")
      }
      let start = position
      let name = try string()
      skipSpace()
      guard current == UInt8(ascii: ":") else { throw expected("a colon after the member's name") }
      position += 1
      skipSpace()
      guard members.updateValue(try value(), forKey: name) == nil else {
        throw fault(
          "the member \(JSONSyntaxError.quoted(name)) stands twice in its object; names must be unique",
          at: start)
      }
      skipSpace()
      switch current {
      case UInt8(ascii: ","):
        position += 1
        skipSpace()
      case UInt8(ascii: "}"):
        position += 1
        depth -= 1
        return .object(members)
      default: throw expected("a comma or } after the member's value")
      }
    }
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    let start = position + 1
    var end = start
    while end < bytes.count {
      let byte = bytes[end]
      if byte == UInt8(ascii: "\"") {
        guard let text = String(validating: bytes[start..<end], as: UTF8.self) else {
          throw notUTF8(in: start..<end)
        }
        position = end + 1
        return text
      }
      if byte == UInt8(ascii: "\\") || byte < 0x20 { break }
      end += 1
    }
    return try escapedString(from: start, plainEnd: end)
  }

  /// A string in which something beside plain characters stands, from its first such byte on.
  private mutating func escapedString(from start: Int, plainEnd: Int) throws(JSONSyntaxError) -> String {
    var content = Array(bytes[start..<plainEnd])
    var index = plainEnd
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else { throw notUTF8(in: start..<index) }
        position = index + 1
        return text
      case UInt8(ascii: "\\"): index = try escape(at: index, into: &content)
      case 0x0A, 0x0D: throw fault("a line break stands in a string; \\n was expected for it", at: index)
      case 0x09: throw fault("a tab stands in a string; \\t was expected for it", at: index)
      case ..<0x20:
        let code = JSONSyntaxError.hexadecimal(UInt32(byte))
        throw fault(
          "the control character U+\(code) stands in a string; \\u\(code) was expected for it", at: index)
      default:
        content.append(byte)
        index += 1
      }
    }
    throw fault("the text ends within a string; a closing quotation mark was expected", at: bytes.count)
  }

  /// Appends what an escape stands for; the index behind it.
  private func escape(at index: Int, into content: inout [UInt8]) throws(JSONSyntaxError) -> Int {
    guard index + 1 < bytes.count else {
      throw fault("the text ends within a string; an escape was expected after \\", at: bytes.count)
    }
    switch bytes[index + 1] {
    case UInt8(ascii: "\""): content.append(UInt8(ascii: "\""))
    case UInt8(ascii: "\\"): content.append(UInt8(ascii: "\\"))
    case UInt8(ascii: "/"): content.append(UInt8(ascii: "/"))
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"): return try codePoint(at: index, into: &content)
    default:
      throw fault(
        "one of \" \\ / b f n r t u was expected after \\, found \(found(at: index + 1))", at: index + 1)
    }
    return index + 2
  }

  private func codePoint(at index: Int, into content: inout [UInt8]) throws(JSONSyntaxError) -> Int {
    let unit = try codeUnit(at: index)
    var code = unit
    var end = index + 6
    let written = "\\u" + JSONSyntaxError.hexadecimal(unit)
    switch unit {
    case 0xD800...0xDBFF:
      var low: UInt32?
      if end + 1 < bytes.count, bytes[end] == UInt8(ascii: "\\"), bytes[end + 1] == UInt8(ascii: "u") {
        low = try codeUnit(at: end)
      }
      guard let low, 0xDC00...0xDFFF ~= low else {
        throw fault(
          "\(written) is half of a surrogate pair; \\udc00 to \\udfff was expected after it", at: index)
      }
      code = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
      end += 6
    case 0xDC00...0xDFFF:
      throw fault(
        "\(written) is half of a surrogate pair; \\ud800 to \\udbff was expected before it", at: index)
    default: break
    }
    guard let scalar = Unicode.Scalar(code) else { throw fault("no character has this number", at: index) }
    content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    return end
  }

  /// The four digits of the escape that begins at `index`.
  private func codeUnit(at index: Int) throws(JSONSyntaxError) -> UInt32 {
    var unit: UInt32 = 0
    for place in (index + 2)..<(index + 6) {
      guard place < bytes.count, let digit = Character(Unicode.Scalar(bytes[place])).hexDigitValue else {
        throw fault("four hexadecimal digits were expected after \\u", at: min(place, bytes.count))
      }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  private func notUTF8(in range: Range<Int>) -> JSONSyntaxError {
    var decoder = UTF8()
    var iterator = bytes[range].makeIterator()
    var offset = range.lowerBound
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF8.width(scalar) }
    return fault("the bytes of a string are not UTF-8", at: offset)
  }

  private func found(at offset: Int) -> String { JSONSyntaxError.found(bytes, at: offset) }

  private func expected(_ what: String) -> JSONSyntaxError {
    fault("\(what) was expected, found \(found(at: position))", at: position)
  }

  private func fault(_ problem: String, at offset: Int) -> JSONSyntaxError {
    JSONSyntaxError(bytes, offset: offset, problem)
  }
}
