/// Percent-encoding (RFC 3986 §2.1), decoded strictly.
package enum PercentEncoding {
  /// RFC 3986 §2.3: what never needs an escape, in a path segment or in a query.
  private static let unreserved = ByteSet(
    "-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
  private static let digits = Array("0123456789ABCDEF".utf8)

  /// The text with everything but unreserved characters escaped: safe as a path segment, as a name or value in
  /// a query, and in a header.
  package static func encode(_ text: String) -> String {
    guard !text.utf8.allSatisfy(unreserved.contains) else { return text }
    var encoded: [UInt8] = []
    for byte in text.utf8 {
      if unreserved.contains(byte) {
        encoded.append(byte)
      } else {
        encoded += [Octet.percent, digits[Int(byte >> 4)], digits[Int(byte & 0x0F)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  /// The text that the escapes stand for. Nil for an escape that isn't two hexadecimal digits, for an encoded
  /// NUL and for octets that aren't UTF-8. `plusIsSpace` as in `application/x-www-form-urlencoded`.
  static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> String? {
    guard bytes.contains(where: { $0 == Octet.percent || $0 == Octet.plus && plusIsSpace }) else {
      return String(validating: bytes, as: UTF8.self)
    }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == Octet.percent {
        guard index + 2 < bytes.endIndex, let high = bytes[index + 1].hexadecimalValue,
          let low = bytes[index + 2].hexadecimalValue
        else { return nil }
        let octet = UInt8(high << 4 | low)
        guard octet != 0 else { return nil }
        decoded.append(octet)
        index += 3
      } else {
        decoded.append(byte == Octet.plus && plusIsSpace ? Octet.space : byte)
        index += 1
      }
    }
    return String(validating: decoded, as: UTF8.self)
  }
}
