/// The request target (RFC 9112 §3.2), taken apart and decoded.
package struct RequestTarget: Sendable {
  /// As it stands in the request line.
  package let text: String
  /// The segments of the path, decoded one by one, so that an encoded slash stays inside its segment. Empty
  /// for `/`, and for the asterisk form.
  package let segments: [String]
  /// In order; `+` is a space; a name without `=` has an empty value.
  package let query: [(name: String, value: String)]
  /// The authority of the absolute form; it takes the place of the Host field (§3.2.2).
  package let authority: String?

  /// `OPTIONS *` (§3.2.4).
  package var isAsterisk: Bool { text == "*" }

  package init(_ bytes: ArraySlice<UInt8>, method: HTTPMethod) throws(RequestFault) {
    if method == .connect { throw .unsupportedMethod }
    text = String(decoding: bytes, as: UTF8.self)
    if bytes.elementsEqual([Octet.asterisk]) {
      guard method == .options else { throw .malformed("The asterisk form is for OPTIONS alone.") }
      (segments, query, authority) = ([], [], nil)
      return
    }
    var pathAndQuery = bytes
    if bytes.first == Octet.slash {
      authority = nil
    } else {
      let authorityAndRest = try Self.dropScheme(bytes)
      let end =
        authorityAndRest.firstIndex { $0 == Octet.slash || $0 == Octet.questionMark }
        ?? authorityAndRest.endIndex
      let name = authorityAndRest[..<end]
      guard Authority.isValid(name) else {
        throw .malformed("The authority of the request target is not valid.")
      }
      authority = String(decoding: name, as: UTF8.self)
      pathAndQuery = authorityAndRest[end...]
    }
    let mark = pathAndQuery.firstIndex(of: Octet.questionMark)
    segments = try Self.segments(of: pathAndQuery[..<(mark ?? pathAndQuery.endIndex)])
    query = try mark.map { (mark) throws(RequestFault) in try Self.query(pathAndQuery[(mark + 1)...]) } ?? []
  }

  /// RFC 9112 §3.2.2: a server accepts the absolute form, for the schemes that it could be asked through.
  private static func dropScheme(_ bytes: ArraySlice<UInt8>) throws(RequestFault) -> ArraySlice<UInt8> {
    for scheme in ["http://", "https://"] where bytes.count > scheme.utf8.count {
      let start = bytes.prefix(scheme.utf8.count)
      if String(decoding: start, as: UTF8.self).lowercased() == scheme { return bytes[start.endIndex...] }
    }
    throw .malformed("The request target must start with a slash or be an http address.")
  }

  private static func segments(of path: ArraySlice<UInt8>) throws(RequestFault) -> [String] {
    guard path.allSatisfy(ByteSet.path.contains) else {
      throw .malformed("The path holds a character that must be percent-encoded.")
    }
    guard path.count > 1 else { return [] }
    var segments: [String] = []
    for segment in path.dropFirst().split(separator: Octet.slash, omittingEmptySubsequences: false) {
      guard let decoded = PercentEncoding.decode(segment) else {
        throw .malformed("The path holds an escape that is not valid UTF-8, or NUL.")
      }
      // Clients resolve these (RFC 3986 §5.2.4); one that arrives tries to leave the place it was given.
      guard decoded != ".", decoded != ".." else {
        throw .malformed("The path holds a dot segment.")
      }
      segments.append(decoded)
    }
    return segments
  }

  private static func query(
    _ bytes: ArraySlice<UInt8>
  ) throws(RequestFault) -> [(name: String, value: String)] {
    guard bytes.allSatisfy(ByteSet.query.contains) else {
      throw .malformed("The query holds a character that must be percent-encoded.")
    }
    var parameters: [(name: String, value: String)] = []
    for part in bytes.split(separator: Octet.ampersand) {
      let equals = part.firstIndex(of: Octet.equals)
      let value = equals.map { part[($0 + 1)...] } ?? []
      guard let name = PercentEncoding.decode(part[..<(equals ?? part.endIndex)], plusIsSpace: true),
        let value = PercentEncoding.decode(value, plusIsSpace: true)
      else { throw .malformed("The query holds an escape that is not valid UTF-8, or NUL.") }
      parameters.append((name, value))
    }
    return parameters
  }
}
