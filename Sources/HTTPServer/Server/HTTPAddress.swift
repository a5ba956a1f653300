/// Where a server listens: an IPv4 or IPv6 address and a port.
package struct HTTPAddress: Sendable, Hashable, CustomStringConvertible {
  /// An address in digits: `127.0.0.1`, `0.0.0.0`, `::1`, `::`.
  package let host: String
  /// 0 lets the system choose a free one.
  package let port: Int

  /// `localhost` stands for 127.0.0.1; other names are not resolved. Throws `HTTPServerError.invalidAddress`.
  package init(host: String, port: Int) throws(HTTPServerError) {
    let host = host == "localhost" ? "127.0.0.1" : host
    guard (0...65_535).contains(port), ListeningSocket.isAddress(host) else {
      throw .invalidAddress("\(host):\(port)")
    }
    self.host = host
    self.port = port
  }

  /// Reads `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`. Throws `HTTPServerError.invalidAddress`.
  package init(_ text: String) throws(HTTPServerError) {
    guard let colon = text.lastIndex(of: ":") else { throw .invalidAddress(text) }
    var host = text[..<colon]
    let digits = text[text.index(after: colon)...]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw .invalidAddress(text)
    }
    guard !digits.isEmpty, digits.utf8.allSatisfy(\.isDigit), let port = Int(digits), port <= 65_535,
      host == "localhost" || ListeningSocket.isAddress(String(host))
    else { throw .invalidAddress(text) }
    try self.init(host: String(host), port: port)
  }

  var isIPv6: Bool { host.contains(":") }

  /// `127.0.0.1:8080` or `[::1]:8080`
  package var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
