import Dispatch

/// gzip for those who ask for it (RFC 9110 §12.5.3): content of a type that gets smaller, of more than 1 KiB
/// or of unknown length. Event streams stay as they are: each event is to arrive when it happens.
package struct Compression: Middleware {
  package init() {}

  private static let minimumBytes = 1_024
  /// Content beyond this is compressed off the threads that serve requests.
  private static let inlineBytes = 65_536

  package func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
    var response = try await next(request)
    guard response.isCompressible(atLeast: Self.minimumBytes) else { return response }
    // Whether or not this client gets it: a cache must know that others may.
    response.headers.add(.vary, "Accept-Encoding")
    let accepted = QualityList(request.headers.values(.acceptEncoding))
    let weight = accepted.weight(of: "gzip")
    guard weight > 0, weight >= accepted.weight(of: "identity") || !accepted.names("identity"),
      // A part of the encoded content would not be a part of the content.
      request.headers[.range] == nil
    else { return response }
    switch response.body {
    case .bytes(let content):
      let compressed =
        content.count <= Self.inlineBytes
        ? Gzip.compress(content) : await offCooperativePool { [content] in Gzip.compress(content) }
      response.body = .bytes(compressed)
    case .stream(let stream): response.body = .stream(GzipSequence(base: stream))
    default: return response
    }
    response.headers.set(.contentEncoding, "gzip")
    response.headers.remove(.acceptRanges)
    if let tag = response.headers[.etag].flatMap(EntityTag.init(text:)) {
      response.headers.set(.etag, tag.encoded.fieldValue)
    }
    return response
  }
}

extension HTTPResponse {
  fileprivate func isCompressible(atLeast minimum: Int) -> Bool {
    guard !status.forbidsContent, status != .partialContent, headers[.contentEncoding] == nil,
      let type = headers[.contentType].flatMap(MediaType.init), type.isCompressible
    else { return false }
    return switch body {
    case .bytes(let content): content.count > minimum
    case .stream: true
    default: false
    }
  }
}
