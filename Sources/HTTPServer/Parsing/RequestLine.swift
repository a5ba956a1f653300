/// `method SP request-target SP HTTP-version` (RFC 9112 §3): single spaces, nothing before or after.
struct RequestLine {
  let method: HTTPMethod
  let target: RequestTarget
  /// The digit after the dot; the major version is 1.
  let minorVersion: Int

  init(_ line: ArraySlice<UInt8>) throws(RequestFault) {
    let parts = line.split(separator: Octet.space, omittingEmptySubsequences: false)
    guard parts.count == 3 else {
      throw .malformed("A request line is a method, a target and a version with one space between them.")
    }
    guard !parts[0].isEmpty, parts[0].allSatisfy(ByteSet.token.contains) else {
      throw .malformed("The method is not a token.")
    }
    minorVersion = try Self.minorVersion(parts[2])
    method = HTTPMethod(rawValue: String(decoding: parts[0], as: UTF8.self))
    target = try RequestTarget(parts[1], method: method)
  }

  /// RFC 9112 §2.3: `HTTP/` and two digits, case-sensitive. A minor version above 1 is spoken to as 1.1
  /// (RFC 9110 §2.5).
  private static func minorVersion(_ bytes: ArraySlice<UInt8>) throws(RequestFault) -> Int {
    let start = bytes.startIndex
    guard bytes.count == 8, bytes.starts(with: "HTTP/".utf8), bytes[start + 5].isDigit,
      bytes[start + 6] == UInt8(ascii: "."), bytes[start + 7].isDigit
    else { throw .malformed("The version is not HTTP/ and two digits.") }
    guard bytes[start + 5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
    return Int(bytes[start + 7] & 0x0F)
  }
}
