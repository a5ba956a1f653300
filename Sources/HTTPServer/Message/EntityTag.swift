/// A strong entity tag (RFC 9110 §8.8.3): equal tags of one resource stand for the same bytes.
package struct EntityTag: Sendable, Hashable, CustomStringConvertible {
  /// What stands between the quotation marks.
  package let opaque: String

  /// What an encoded representation's tag ends in: its bytes are other ones, so its tag must be too.
  private static let encodedSuffix = "-gzip"

  /// The tag of something's version.
  package init(version: Int64) { opaque = "v\(version)" }

  /// Any text of visible ASCII without quotation marks; another is a programmer's mistake.
  package init(_ opaque: String) {
    precondition(opaque.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != Octet.quote }, "an opaque tag")
    self.opaque = opaque
  }

  /// The tag of a field's value; nil for a weak one, and for what is none.
  init?(text: String) {
    let bytes = text.utf8
    guard bytes.count >= 2, bytes.first == Octet.quote, bytes.last == Octet.quote,
      bytes.dropFirst().dropLast().allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != Octet.quote })
    else { return nil }
    opaque = String(text.dropFirst().dropLast())
  }

  package var description: String { "\"\(opaque)\"" }
  package var fieldValue: HTTPHeaderValue { HTTPHeaderValue(validated: description) }

  /// The tag of the same content under gzip.
  var encoded: EntityTag { EntityTag(opaque + Self.encodedSuffix) }

  /// Whether an `If-None-Match` is `*` or lists the tag, compared weakly (§13.1.2), in any encoding.
  static func list(_ text: String, names tag: EntityTag) -> Bool {
    let bytes = Array(text.utf8)
    if bytes[...].trimmed.elementsEqual([Octet.asterisk]) { return true }
    var index = 0
    while index < bytes.count {
      guard bytes[index] == Octet.quote else {
        index += 1
        continue
      }
      // A tag may hold a comma, so the list is read by quotation marks.
      guard let end = bytes[(index + 1)...].firstIndex(of: Octet.quote) else { return false }
      var listed = String(decoding: bytes[(index + 1)..<end], as: UTF8.self)
      if listed != tag.opaque, listed.hasSuffix(encodedSuffix) { listed.removeLast(encodedSuffix.count) }
      if listed == tag.opaque { return true }
      index = end + 1
    }
    return false
  }
}
