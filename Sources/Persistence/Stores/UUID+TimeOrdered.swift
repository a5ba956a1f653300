import Foundation

extension UUID {
  /// A UUID of version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 74 random bits. New
  /// ones come at the end of an index instead of all over it.
  static func timeOrdered(at date: Date = Date()) -> UUID {
    var bytes = UUID().uuid
    withUnsafeMutableBytes(of: &bytes) { bytes in
      let milliseconds = UInt64(date.timeIntervalSince1970 * 1000)
      for index in 0..<6 {
        bytes[index] = UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * UInt64(index)))
      }
      // The random generator of version 4 gave the rest, its variant bits included.
      bytes[6] = 0x70 | (bytes[6] & 0x0F)
    }
    return UUID(uuid: bytes)
  }
}
