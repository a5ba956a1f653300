/// Writes a JSON text: members in the order of their names as UTF-8, numbers as short as they read back to the same
/// value, no more escapes than RFC 8259 §7 demands. Equal trees give equal bytes; contents are addressed by
/// these bytes, so what is written for a tree never changes.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private let isPretty: Bool
  private var indentation = 0
  /// Once so many bytes are written, what is left of the tree is left out, and the text is none.
  private let limit: Int

  init(pretty: Bool, limit: Int = .max) {
    isPretty = pretty
    self.limit = limit
  }

  mutating func write(_ value: JSONValue) {
    guard bytes.count <= limit else { return }
    switch value {
    case .null: append("null")
    case .bool(let flag): append(flag ? "true" : "false")
    case .integer(let integer): append(integer.description)
    case .number(let number): write(number)
    case .string(let text): write(text)
    case .array(let elements):
      list(elements, from: "[", to: "]") { writer, element in writer.write(element) }
    case .object(let members):
      // By their bytes: the order of strings as such depends on the version of Unicode.
      let ordered = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      list(ordered, from: "{", to: "}") { writer, member in
        writer.write(member.key)
        writer.append(writer.isPretty ? " : " : ":")
        writer.write(member.value)
      }
    }
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func list<Element>(
    _ elements: [Element], from open: String, to close: String,
    _ write: (inout JSONWriter, Element) -> Void
  ) {
    append(open)
    indentation += 1
    var isFirst = true
    for element in elements {
      if !isFirst { append(",") }
      isFirst = false
      breakLine()
      write(&self, element)
    }
    indentation -= 1
    if elements.isEmpty, isPretty { append("\n") }
    breakLine()
    append(close)
  }

  private mutating func breakLine() {
    guard isPretty else { return }
    append("\n")
    for _ in 0..<indentation { append("  ") }
  }

  /// Shortest digits that read back to the same value; `.0` is left out.
  private mutating func write(_ number: Double) {
    precondition(number.isFinite, "a JSON tree holds only finite numbers: make them with `finite`")
    let text = number.description
    append(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
  }

  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      guard bytes.count <= limit else { return }
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x20...: bytes.append(byte)
      case 0x08: append("\\b")
      case 0x09: append("\\t")
      case 0x0A: append("\\n")
      case 0x0C: append("\\f")
      case 0x0D: append("\\r")
      default: append("\\u" + JSONSyntaxError.hexadecimal(UInt32(byte)))
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
