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

  /// As it is written.
  package var description: String { spelling }

  /// Equal without regard to case.
  package static func == (left: Self, right: Self) -> Bool { left.folded == right.folded }

  /// Hashes the name in small letters.
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
  /// `Accept`
  package static let accept: HTTPHeaderName = "Accept"
  /// `Allow`
  package static let allow: HTTPHeaderName = "Allow"
  /// `Authorization`
  package static let authorization: HTTPHeaderName = "Authorization"
  /// `Cache-Control`
  package static let cacheControl: HTTPHeaderName = "Cache-Control"
  /// `Connection`
  package static let connection: HTTPHeaderName = "Connection"
  /// `Content-Disposition`
  package static let contentDisposition: HTTPHeaderName = "Content-Disposition"
  /// `Content-Length`
  package static let contentLength: HTTPHeaderName = "Content-Length"
  /// `Content-Type`
  package static let contentType: HTTPHeaderName = "Content-Type"
  /// `Date`
  package static let date: HTTPHeaderName = "Date"
  /// `ETag`
  package static let etag: HTTPHeaderName = "ETag"
  /// `Expect`
  package static let expect: HTTPHeaderName = "Expect"
  /// `Host`
  package static let host: HTTPHeaderName = "Host"
  /// `Idempotency-Key`
  package static let idempotencyKey: HTTPHeaderName = "Idempotency-Key"
  /// `If-None-Match`
  package static let ifNoneMatch: HTTPHeaderName = "If-None-Match"
  /// `Keep-Alive`
  package static let keepAlive: HTTPHeaderName = "Keep-Alive"
  /// `Last-Event-ID`
  package static let lastEventID: HTTPHeaderName = "Last-Event-ID"
  /// `Link`
  package static let link: HTTPHeaderName = "Link"
  /// `Location`
  package static let location: HTTPHeaderName = "Location"
  /// `Retry-After`
  package static let retryAfter: HTTPHeaderName = "Retry-After"
  /// `Transfer-Encoding`
  package static let transferEncoding: HTTPHeaderName = "Transfer-Encoding"
  /// `Upgrade`
  package static let upgrade: HTTPHeaderName = "Upgrade"
  /// `WWW-Authenticate`
  package static let wwwAuthenticate: HTTPHeaderName = "WWW-Authenticate"
}
