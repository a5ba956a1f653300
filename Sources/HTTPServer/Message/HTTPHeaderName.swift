/// A field name (RFC 9110 §5.1): a token, compared without regard to case, written as it was spelled.
package struct HTTPHeaderName: Hashable, Sendable, CustomStringConvertible {
  /// As it is written.
  package let spelling: String
  /// In small letters: what is compared.
  let folded: String

  /// Throws `HTTPHeaderError.invalidName` for anything but a token.
  package init(_ name: String) throws(HTTPHeaderError) {
    guard !name.isEmpty, name.utf8.allSatisfy(ByteSet.token.contains) else {
      throw .invalidName
    }
    self.init(token: name)
  }

  init(token: String) {
    spelling = token
    folded = token.utf8.contains { (0x41...0x5A).contains($0) } ? token.lowercased() : token
  }

  package var description: String { spelling }

  package static func == (left: Self, right: Self) -> Bool { left.folded == right.folded }

  package func hash(into hasher: inout Hasher) { hasher.combine(folded) }
}

extension HTTPHeaderName: ExpressibleByStringLiteral {
  /// A name that stands in the source; one that isn't a token is a programmer's mistake.
  package init(stringLiteral name: StaticString) {
    let name = "\(name)"
    precondition(
      !name.isEmpty && name.utf8.allSatisfy(ByteSet.token.contains), "a field name must be a token")
    self.init(token: name)
  }
}

extension HTTPHeaderName {
  package static let accept: HTTPHeaderName = "Accept"
  package static let acceptEncoding: HTTPHeaderName = "Accept-Encoding"
  package static let acceptRanges: HTTPHeaderName = "Accept-Ranges"
  package static let allow: HTTPHeaderName = "Allow"
  package static let authorization: HTTPHeaderName = "Authorization"
  package static let cacheControl: HTTPHeaderName = "Cache-Control"
  package static let connection: HTTPHeaderName = "Connection"
  package static let contentDisposition: HTTPHeaderName = "Content-Disposition"
  package static let contentEncoding: HTTPHeaderName = "Content-Encoding"
  package static let contentLength: HTTPHeaderName = "Content-Length"
  package static let contentRange: HTTPHeaderName = "Content-Range"
  package static let contentType: HTTPHeaderName = "Content-Type"
  package static let date: HTTPHeaderName = "Date"
  package static let etag: HTTPHeaderName = "ETag"
  package static let expect: HTTPHeaderName = "Expect"
  package static let host: HTTPHeaderName = "Host"
  package static let idempotencyKey: HTTPHeaderName = "Idempotency-Key"
  package static let ifNoneMatch: HTTPHeaderName = "If-None-Match"
  package static let ifRange: HTTPHeaderName = "If-Range"
  package static let keepAlive: HTTPHeaderName = "Keep-Alive"
  package static let lastEventID: HTTPHeaderName = "Last-Event-ID"
  package static let link: HTTPHeaderName = "Link"
  package static let location: HTTPHeaderName = "Location"
  package static let origin: HTTPHeaderName = "Origin"
  package static let prefer: HTTPHeaderName = "Prefer"
  package static let preferenceApplied: HTTPHeaderName = "Preference-Applied"
  package static let range: HTTPHeaderName = "Range"
  package static let requestID: HTTPHeaderName = "X-Request-Id"
  package static let retryAfter: HTTPHeaderName = "Retry-After"
  package static let secFetchSite: HTTPHeaderName = "Sec-Fetch-Site"
  package static let traceParent: HTTPHeaderName = "traceparent"
  package static let transferEncoding: HTTPHeaderName = "Transfer-Encoding"
  package static let upgrade: HTTPHeaderName = "Upgrade"
  package static let vary: HTTPHeaderName = "Vary"
  package static let wwwAuthenticate: HTTPHeaderName = "WWW-Authenticate"
}
