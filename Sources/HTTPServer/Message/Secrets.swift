/// Secrets as they look: whatever is shown or logged goes through here, so that a token that stands where it doesn't belong
/// (in an address, in a document that is refused) is not repeated.
package enum Secrets {
  /// What tokens begin with.
  package static let prefix = "emc_"
  /// Characters of base64url that follow, for 256 bits.
  package static let length = 43

  /// The text with each token cut short after its prefix.
  package static func redacted(_ text: String) -> String {
    guard text.utf8.count >= prefix.utf8.count + length, text.contains(prefix) else { return text }
    return String(decoding: redacted(Array(text.utf8)), as: UTF8.self)
  }

  /// The same of bytes of UTF-8.
  package static func redacted(_ bytes: [UInt8]) -> [UInt8] {
    let start = Array(prefix.utf8)
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let end = index + start.count
      guard bytes[index] == start[0], end <= bytes.count, bytes[index..<end].elementsEqual(start) else {
        kept.append(bytes[index])
        index += 1
        continue
      }
      let rest = bytes[end...].prefix { isBase64URL($0) }
      kept += start
      // As much of one as tells it; shorter words are names of something else.
      kept += rest.count >= 16 ? Array("…".utf8) : Array(rest)
      index = end + rest.count
    }
    return kept
  }

  private static func isBase64URL(_ byte: UInt8) -> Bool {
    0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte || byte == 0x2D || byte == 0x5F
  }
}
