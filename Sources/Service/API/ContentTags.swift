import Capacity
import HTTPServer

/// Gives every JSON answer to GET an `ETag` of its content, so that whoever polls gets 304 while nothing changes.
struct ContentTags: Middleware {
  func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
    let response = try await next(request)
    guard request.method == .get || request.method == .head, request.segments.first == "v1",
      response.headers[.contentType]?.hasPrefix("application/json") == true
    else { return response }
    return response.tagged
  }
}

extension HTTPResponse {
  /// With an `ETag` of its content, where it has none.
  var tagged: HTTPResponse {
    guard status == .ok, headers[.etag] == nil, case .bytes(let content) = body else { return self }
    var tagged = self
    tagged.headers.set(.etag, EntityTag(of: content).fieldValue)
    return tagged
  }
}

extension EntityTag {
  /// The tag of a content.
  init(of content: [UInt8]) { self.init(String(contentDigest(of: content).prefix(32))) }
}
