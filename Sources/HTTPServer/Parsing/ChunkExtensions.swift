/// `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )` (RFC 9112 §7.1.1). No extension is known
/// here, yet their grammar is checked: bytes that two readers could take differently are refused.
enum ChunkExtensions {
  static func areValid(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      skipWhitespace(&rest)
      guard rest.popFirst() == Octet.semicolon else { return false }
      skipWhitespace(&rest)
      guard skipToken(&rest) else { return false }
      var value = rest
      skipWhitespace(&value)
      guard value.first == Octet.equals else { continue }
      value.removeFirst()
      skipWhitespace(&value)
      guard value.first == Octet.quote ? skipQuoted(&value) : skipToken(&value) else { return false }
      rest = value
    }
    return true
  }

  private static func skipWhitespace(_ rest: inout ArraySlice<UInt8>) {
    rest = rest.drop { $0.isWhitespace }
  }

  private static func skipToken(_ rest: inout ArraySlice<UInt8>) -> Bool {
    let after = rest.drop(while: ByteSet.token.contains)
    defer { rest = after }
    return after.count < rest.count
  }

  /// RFC 9110 §5.6.4.
  private static func skipQuoted(_ rest: inout ArraySlice<UInt8>) -> Bool {
    rest.removeFirst()
    while let byte = rest.popFirst() {
      if byte == Octet.quote { return true }
      let content = byte == Octet.backslash ? rest.popFirst() : byte
      guard content?.isFieldContent == true else { return false }
    }
    return false
  }
}
