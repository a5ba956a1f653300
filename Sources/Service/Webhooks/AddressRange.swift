import Glibc

/// A range of IP addresses in CIDR notation (RFC 4632): `10.0.0.0/8`, `fc00::/7`, or one address. IPv4 stands in IPv6 as
/// `::ffff:0:0/96`, so that there is one kind of address to compare.
package struct AddressRange: Sendable, Hashable {
  private let bytes: [UInt8]
  private let length: Int

  /// Nil for what is no such range.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let address = IPAddress(String(parts[0])) else { return nil }
    let (most, offset) = address.isIPv4 ? (32, 96) : (128, 0)
    var length = most
    if parts.count == 2 {
      guard let given = Int(parts[1]), (0...most).contains(given), !parts[1].hasPrefix("+") else {
        return nil
      }
      length = given
    }
    bytes = address.bytes
    self.length = length + offset
  }

  package func contains(_ address: IPAddress) -> Bool {
    let whole = length / 8
    guard bytes[..<whole].elementsEqual(address.bytes[..<whole]) else { return false }
    let rest = length % 8
    guard rest > 0 else { return true }
    return (bytes[whole] ^ address.bytes[whole]) >> UInt8(8 - rest) == 0
  }
}

/// An IP address as 16 bytes.
package struct IPAddress: Sendable, Hashable {
  let bytes: [UInt8]

  var isIPv4: Bool { bytes[..<12].elementsEqual(Self.mapped) }
  private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

  /// An address in digits; nil for any other text.
  package init?(_ text: String) {
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      bytes = Self.mapped + withUnsafeBytes(of: &four) { Array($0) }
    } else if inet_pton(AF_INET6, text, &six) == 1 {
      bytes = withUnsafeBytes(of: &six) { Array($0) }
    } else {
      return nil
    }
  }

  /// The address of a socket; nil for one of another family.
  init?(_ address: UnsafePointer<sockaddr>) {
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      bytes =
        Self.mapped
        + address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
          withUnsafeBytes(of: pointer.pointee.sin_addr) { Array($0) }
        }
    case AF_INET6:
      bytes = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
        withUnsafeBytes(of: pointer.pointee.sin6_addr) { Array($0) }
      }
    default: return nil
    }
  }

  /// The IPv4 address that a NAT64 prefix (RFC 6052) leads to.
  private var translated: IPAddress? {
    Self.translation.contains(self) ? IPAddress(bytes: Self.mapped + bytes[12...]) : nil
  }
  private static let translation = AddressRange("64:ff9b::/96")!

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// Whether it is of the public internet: what the registries of special-purpose addresses (RFC 6890 and its updates) leave.
  package var isPublic: Bool {
    if let translated { return translated.isPublic }
    return !Self.special.contains { $0.contains(self) }
  }

  private static let special: [AddressRange] = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
    // Unspecified, loopback, old mappings of IPv4; discard; Teredo and others; documentation; 6to4; unique local; link-local;
    // site-local; multicast.
    "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    "5f00::/16",
    "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
  ].map { AddressRange($0)! }
}
