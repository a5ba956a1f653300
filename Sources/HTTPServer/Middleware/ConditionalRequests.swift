/// Answers 304 (RFC 9110 §13.1.2) where a response to GET or HEAD has an `ETag` that the client's
/// `If-None-Match` names. A handler that knows its tag before it has made its content asks
/// `request.hasCurrent(tag)` itself and saves the work.
package struct ConditionalRequests: Middleware {
  package init() {}

  package func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
    let response = try await next(request)
    guard request.method == .get || request.method == .head, response.status == .ok,
      let tag = response.headers[.etag].flatMap(EntityTag.init(text:)), request.hasCurrent(tag)
    else { return response }
    return .notModified(response)
  }
}

extension HTTPRequest {
  /// Whether `If-None-Match` names the tag, in any encoding, or everything: a 304 is the answer to GET then.
  package func hasCurrent(_ tag: EntityTag) -> Bool {
    headers.values(.ifNoneMatch).contains { EntityTag.list($0, names: tag) }
  }
}

extension HTTPResponse {
  /// 304 to a client that has the content already.
  package static func notModified(_ tag: EntityTag) -> HTTPResponse {
    HTTPResponse(status: .notModified, headers: ["ETag": tag.fieldValue])
  }

  /// 304 with the fields that RFC 9110 §15.4.5 wants repeated.
  static func notModified(_ response: HTTPResponse) -> HTTPResponse {
    let kept: Set<HTTPHeaderName> = [.etag, .cacheControl, "Content-Location", "Expires", .vary]
    var answer = response
    answer.status = .notModified
    answer.body = .none
    for name in Set(response.headers.map(\.name)).subtracting(kept) { answer.headers.remove(name) }
    return answer
  }
}
