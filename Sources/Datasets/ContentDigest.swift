import Crypto
import Foundation

/// SHA-256 of content, as lower-case hexadecimal digits.
struct ContentDigest {
  private var hash = SHA256()

  /// The digest of a rule that generates data.
  static func of(rule: String) -> String {
    var digest = ContentDigest()
    digest.update(Array(rule.utf8))
    return digest.finish()
  }

  mutating func update(_ bytes: [UInt8]) {
    hash.update(data: bytes)
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    hash.update(bufferPointer: bytes)
  }

  func finish() -> String {
    hexadecimal(hash.finalize())
  }
}

/// Lower-case hexadecimal digits of bytes.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}
