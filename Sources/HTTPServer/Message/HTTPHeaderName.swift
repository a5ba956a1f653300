/// A field name (RFC 9110 §5.1): a token, compared without regard to case, written as it was spelled.
public struct HTTPHeaderName: Hashable, Sendable, CustomStringConvertible {
  /// As it is written.
  public let spelling: String
  /// In small letters: what is compared.
  let folded: String

  /// Throws `HTTPHeaderError.invalidName` for anything but a token.
  public init(_ name: String) throws(HTTPHeaderError) {
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
  public var description: String { spelling }

  /// Equal without regard to case.
  public static func == (left: Self, right: Self) -> Bool { left.folded == right.folded }

  /// Hashes the name in small letters.
  public func hash(into hasher: inout Hasher) { hasher.combine(folded) }
}

extension HTTPHeaderName: ExpressibleByStringLiteral {
  /// A name that stands in the source; one that isn't a token is a programmer's mistake.
  public init(stringLiteral name: StaticString) {
    let name = "\(name)"
    precondition(
      !name.isEmpty && name.utf8.allSatisfy(ByteSet.token.contains), "a field name must be a token")
    self.init(token: name)
  }
}

extension HTTPHeaderName {
  /// `Accept`
  public static let accept: HTTPHeaderName = "Accept"
  /// `Allow`
  public static let allow: HTTPHeaderName = "Allow"
  /// `Authorization`
  public static let authorization: HTTPHeaderName = "Authorization"
  /// `Cache-Control`
  public static let cacheControl: HTTPHeaderName = "Cache-Control"
  /// `Connection`
  public static let connection: HTTPHeaderName = "Connection"
  /// `Content-Disposition`
  public static let contentDisposition: HTTPHeaderName = "Content-Disposition"
  /// `Content-Length`
  public static let contentLength: HTTPHeaderName = "Content-Length"
  /// `Content-Type`
  public static let contentType: HTTPHeaderName = "Content-Type"
  /// `Date`
  public static let date: HTTPHeaderName = "Date"
  /// `ETag`
  public static let etag: HTTPHeaderName = "ETag"
  /// `Expect`
  public static let expect: HTTPHeaderName = "Expect"
  /// `Host`
  public static let host: HTTPHeaderName = "Host"
  /// `Idempotency-Key`
  public static let idempotencyKey: HTTPHeaderName = "Idempotency-Key"
  /// `If-None-Match`
  public static let ifNoneMatch: HTTPHeaderName = "If-None-Match"
  /// `Keep-Alive`
  public static let keepAlive: HTTPHeaderName = "Keep-Alive"
  /// `Last-Event-ID`
  public static let lastEventID: HTTPHeaderName = "Last-Event-ID"
  /// `Link`
  public static let link: HTTPHeaderName = "Link"
  /// `Location`
  public static let location: HTTPHeaderName = "Location"
  /// `Retry-After`
  public static let retryAfter: HTTPHeaderName = "Retry-After"
  /// `Transfer-Encoding`
  public static let transferEncoding: HTTPHeaderName = "Transfer-Encoding"
  /// `Upgrade`
  public static let upgrade: HTTPHeaderName = "Upgrade"
  /// `WWW-Authenticate`
  public static let wwwAuthenticate: HTTPHeaderName = "WWW-Authenticate"
}
