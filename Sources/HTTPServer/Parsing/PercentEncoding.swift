/// Percent-encoding (RFC 3986 §2.1), decoded strictly.
enum PercentEncoding {
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
