/// A header or trailer section (RFC 9112 §5) as it comes in, held to its limits.
struct FieldSection: Sendable {
  private(set) var fields = HTTPHeaders()
  private var remainingBytes: Int
  private let limits: HTTPLimits

  init(limits: HTTPLimits) {
    self.limits = limits
    remainingBytes = limits.headerBytes
  }

  /// Consumes lines up to and including the empty one that ends the section. False: more bytes are needed.
  mutating func consume(_ buffer: inout ReceiveBuffer) throws(RequestFault) -> Bool {
    while true {
      switch buffer.takeLine(limit: remainingBytes) {
      case .incomplete: return false
      case .tooLong:
        throw .headersTooLarge("The header fields may have at most \(limits.headerBytes) bytes together.")
      case .bareLineFeed: throw .malformed("A header line must end with CRLF.")
      case .line(let line):
        if line.isEmpty { return true }
        guard fields.count < limits.headerCount else {
          throw .headersTooLarge("There may be at most \(limits.headerCount) header fields.")
        }
        remainingBytes = max(0, remainingBytes - line.count - 2)
        let field = try Self.field(line)
        fields.add(field.name, field.value)
      }
    }
  }

  /// One line of the section.
  static func field(_ line: ArraySlice<UInt8>) throws(RequestFault) -> HTTPHeaders.Field {
    guard line.first?.isWhitespace == false else {
      throw .malformed("A header line may not start with white space: folded lines are obsolete.")
    }
    guard let colon = line.firstIndex(of: Octet.colon) else {
      throw .malformed("A header line has no colon.")
    }
    let name = line[..<colon]
    guard !name.isEmpty, name.allSatisfy(ByteSet.token.contains) else {
      throw .malformed("A header name is not a token, or has white space before its colon.")
    }
    let value = line[(colon + 1)...].trimmed
    guard value.allSatisfy(\.isFieldContent) else {
      throw .malformed("A header value holds a control character.")
    }
    // Octets beyond ASCII are opaque (RFC 9110 §5.5): read as UTF-8 where they are, else as Latin-1.
    let text =
      String(validating: value, as: UTF8.self)
      ?? String(String.UnicodeScalarView(value.map { Unicode.Scalar($0) }))
    return HTTPHeaders.Field(
      name: HTTPHeaderName(token: String(decoding: name, as: UTF8.self)),
      value: HTTPHeaderValue(validated: text))
  }
}
