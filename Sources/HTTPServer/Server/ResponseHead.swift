import Glibc
import Synchronization

/// How the end of a response's body is marked (RFC 9112 §6.3).
enum ResponseFraming: Equatable {
  /// No body, and no length: 1xx, 204, 304.
  case none
  case length(Int)
  case chunked
  /// For a client of HTTP/1.0, which knows no chunks.
  case untilClose
}

/// The status line and the header of a response (RFC 9112 §4, §5).
enum ResponseHead {
  /// Fields that describe the connection or the framing; these the server alone writes.
  private static let reserved: Set<HTTPHeaderName> = [
    .connection, .contentLength, .transferEncoding, .keepAlive, .upgrade, .date, "Trailer",
  ]

  static func bytes(
    _ response: HTTPResponse, framing: ResponseFraming, keepsAlive: Bool, minorVersion: Int
  ) -> [UInt8] {
    var text = "HTTP/1.1 \(response.status.code) \(response.status.reason)\r\nDate: \(currentDate())\r\n"
    for field in response.headers where !reserved.contains(field.name) {
      text += field.name.spelling
      text += ": "
      text += field.value.text
      text += "\r\n"
    }
    switch framing {
    case .none, .untilClose: break
    case .length(let length): text += "Content-Length: \(length)\r\n"
    case .chunked: text += "Transfer-Encoding: chunked\r\n"
    }
    if !keepsAlive {
      text += "Connection: close\r\n"
    } else if minorVersion == 0 {
      text += "Connection: keep-alive\r\n"
    }
    text += "\r\n"
    return Array(text.utf8)
  }

  private static let cachedDate = Mutex((second: -1, text: ""))

  private static func currentDate() -> String {
    let second = max(0, time(nil))
    return cachedDate.withLock { cached in
      if cached.second != second { cached = (second, HTTPDate.format(secondsSinceEpoch: second)) }
      return cached.text
    }
  }
}
