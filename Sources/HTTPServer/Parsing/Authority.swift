/// `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2), without user information, which a server must
/// treat as an error (RFC 9110 §4.2.4).
enum Authority {
  /// The host without its port, and without the brackets of an IPv6 address.
  static func host(_ authority: String) -> String {
    if authority.utf8.first == Octet.openBracket {
      return String(authority.dropFirst().prefix { $0 != "]" })
    }
    return String(authority.prefix { $0 != ":" })
  }

  /// An authority without a host is none: http addresses always have one (RFC 9110 §4.2.1), so the Host field
  /// of a request to them is never empty (§7.2).
  static func isValid(_ bytes: ArraySlice<UInt8>) -> Bool {
    var port: ArraySlice<UInt8>
    if bytes.first == Octet.openBracket {
      guard let close = bytes.firstIndex(of: Octet.closeBracket) else { return false }
      let address = bytes[(bytes.startIndex + 1)..<close]
      guard address.count >= 2, address.contains(Octet.colon), address.allSatisfy(ByteSet.ipv6.contains)
      else {
        return false
      }
      port = bytes[(close + 1)...]
    } else {
      let end = bytes.firstIndex(of: Octet.colon) ?? bytes.endIndex
      guard end > bytes.startIndex, bytes[..<end].allSatisfy(ByteSet.registeredName.contains),
        PercentEncoding.decode(bytes[..<end]) != nil
      else { return false }
      port = bytes[end...]
    }
    guard !port.isEmpty else { return true }
    guard port.removeFirst() == Octet.colon, port.allSatisfy(\.isDigit), port.count <= 5 else { return false }
    return port.reduce(0) { $0 * 10 + Int($1 & 0x0F) } <= 65_535
  }
}
