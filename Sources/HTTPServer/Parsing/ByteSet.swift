/// A set of ASCII bytes: membership is one shift and one mask. Bytes from 0x80 up are never members.
struct ByteSet: Sendable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  init(_ characters: String) {
    for byte in characters.utf8 {
      precondition(byte < 0x80, "ASCII alone")
      if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
    }
  }

  func contains(_ byte: UInt8) -> Bool {
    if byte < 64 { return low >> UInt64(byte) & 1 == 1 }
    if byte < 128 { return high >> UInt64(byte - 64) & 1 == 1 }
    return false
  }

  private static let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
  private static let digits = "0123456789"
  private static let subDelimiters = "!$&'()*+,;="

  /// RFC 9110 §5.6.2 `tchar`: methods, field names, codings.
  static let token = ByteSet("!#$%&'*+-.^_`|~" + digits + letters)
  /// RFC 3986 §3.3 `pchar` and the slash; `%` is checked again when the escape is decoded.
  static let path = ByteSet("-._~:@/%" + subDelimiters + digits + letters)
  /// RFC 3986 §3.4.
  static let query = ByteSet("-._~:@/%?" + subDelimiters + digits + letters)
  /// RFC 3986 §3.2.2 `reg-name`.
  static let registeredName = ByteSet("-._~%" + subDelimiters + digits + letters)
  /// The characters of an IPv6 address with or without an embedded IPv4 one.
  static let ipv6 = ByteSet(":.0123456789abcdefABCDEF")
}

/// The octets that the grammar names.
enum Octet {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let quote: UInt8 = 0x22
  static let percent: UInt8 = 0x25
  static let ampersand: UInt8 = 0x26
  static let asterisk: UInt8 = 0x2A
  static let plus: UInt8 = 0x2B
  static let comma: UInt8 = 0x2C
  static let slash: UInt8 = 0x2F
  static let colon: UInt8 = 0x3A
  static let semicolon: UInt8 = 0x3B
  static let equals: UInt8 = 0x3D
  static let questionMark: UInt8 = 0x3F
  static let openBracket: UInt8 = 0x5B
  static let backslash: UInt8 = 0x5C
  static let closeBracket: UInt8 = 0x5D
}

extension UInt8 {
  var isDigit: Bool { (0x30...0x39).contains(self) }
  var isWhitespace: Bool { self == Octet.space || self == Octet.tab }

  /// RFC 9110 §5.5: VCHAR, obs-text, space and tab. Excludes CR, LF, NUL, DEL and every other control.
  var isFieldContent: Bool { self >= 0x20 && self != 0x7F || self == Octet.tab }

  var hexadecimalValue: Int? {
    switch self {
    case 0x30...0x39: Int(self) - 0x30
    case 0x41...0x46: Int(self) - 0x41 + 10
    case 0x61...0x66: Int(self) - 0x61 + 10
    default: nil
    }
  }
}

extension ArraySlice<UInt8> {
  /// Without the optional white space (RFC 9110 §5.6.3) at both ends.
  var trimmed: ArraySlice<UInt8> {
    var slice = self
    while slice.first?.isWhitespace == true { slice.removeFirst() }
    while slice.last?.isWhitespace == true { slice.removeLast() }
    return slice
  }
}
