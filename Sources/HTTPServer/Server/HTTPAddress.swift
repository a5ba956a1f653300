import Glibc

/// Where a server listens: an address or a name with a port, or the path of a Unix socket.
package struct HTTPAddress: Sendable, Hashable, CustomStringConvertible {
  /// In digits (`127.0.0.1`, `0.0.0.0`, `::1`, `::`) or a name, which is looked up when the server begins to
  /// listen; empty for a Unix socket.
  package let host: String
  /// 0 lets the system choose a free one.
  package let port: Int
  /// The path of a Unix socket; nil for a host and a port.
  package let socketPath: String?

  /// Bytes of a Unix socket's path, as the system has it.
  static let socketPathLimit = 107

  /// `localhost` stands for 127.0.0.1. Throws `HTTPServerError.invalidAddress`.
  package init(host: String, port: Int) throws(HTTPServerError) {
    let host = host == "localhost" ? "127.0.0.1" : host
    guard (0...65_535).contains(port), ListeningSocket.isAddress(host) || Self.isName(host) else {
      throw .invalidAddress("\(host):\(port)")
    }
    self.host = host
    self.port = port
    socketPath = nil
  }

  /// A Unix socket, which listening makes.
  package init(socketPath path: String) throws(HTTPServerError) {
    guard path.hasPrefix("/"), path.utf8.count <= Self.socketPathLimit, !path.utf8.contains(0) else {
      throw .invalidAddress("unix:\(path)")
    }
    (host, port, socketPath) = ("", 0, path)
  }

  /// Reads `127.0.0.1:8080`, `[::1]:8080`, `name:8080` or `unix:/path`. Throws
  /// `HTTPServerError.invalidAddress`.
  package init(_ text: String) throws(HTTPServerError) {
    if text.hasPrefix("unix:") {
      try self.init(socketPath: String(text.dropFirst(5)))
      return
    }
    guard let colon = text.lastIndex(of: ":") else { throw .invalidAddress(text) }
    var host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed { host = host.dropFirst().dropLast() }
    guard isBracketed == host.contains(":"), let port = PlainNumber.parse(text[text.index(after: colon)...]),
      let address = try? HTTPAddress(host: String(host), port: port)
    else { throw .invalidAddress(text) }
    self = address
  }

  /// RFC 1123 §2.1: labels of letters, digits and inner hyphens, the last of which isn't a number.
  private static func isName(_ text: String) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return text.utf8.count <= 253 && !(labels.last ?? "").utf8.allSatisfy(\.isDigit)
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
          && label.utf8.allSatisfy { $0.isDigit || $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 == 0x2D }
      }
  }

  var isIPv6: Bool { host.contains(":") }

  /// Whether only this machine reaches it: 127.0.0.0/8, ::1, a Unix socket, or a name that stands for one of those.
  package var isLoopback: Bool {
    guard socketPath == nil else { return true }
    guard let digits = try? resolved().host else { return false }
    return digits == "::1" || digits.hasPrefix("127.") && !digits.contains(":")
  }

  /// The address in digits that a name stands for, the first that the system knows; itself where it is one.
  func resolved() throws(HTTPServerError) -> HTTPAddress {
    guard socketPath == nil, !ListeningSocket.isAddress(host) else { return self }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &list) == 0, let first = list else { throw .unknownHost(host) }
    defer { freeaddrinfo(list) }
    var digits = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    guard
      getnameinfo(
        first.pointee.ai_addr, first.pointee.ai_addrlen, &digits, socklen_t(digits.count), nil, 0,
        NI_NUMERICHOST)
        == 0
    else { throw .unknownHost(host) }
    let text = String(decoding: digits.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return try HTTPAddress(host: text, port: port)
  }

  /// `127.0.0.1:8080`, `[::1]:8080`, `name:8080` or `unix:/path`
  package var description: String {
    if let socketPath { return "unix:\(socketPath)" }
    return isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
