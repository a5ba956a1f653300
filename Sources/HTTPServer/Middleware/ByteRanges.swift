/// Answers a range of what a handler serves whole (RFC 9110 §14), where the response has a length and says
/// `Accept-Ranges: bytes`: downloads that broke off go on where they were.
package struct ByteRanges: Middleware {
  package init() {}

  package func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
    var response = try await next(request)
    guard request.method == .get, response.status == .ok, response.headers.list(.acceptRanges) == ["bytes"],
      let length = response.body.length, Self.isSame(request, response)
    else { return response }
    switch ByteRange(request.headers.single(.range), length: length) {
    case .whole: return response
    case .part(let range):
      response.status = .partialContent
      response.body = response.body.part(range)
      response.headers.set(
        .contentRange,
        HTTPHeaderValue(validated: "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"))
      return response
    case .unsatisfiable:
      throw ProblemDocument(
        .rangeNotSatisfiable, detail: "The content has \(length) bytes.",
        headers: ["Content-Range": HTTPHeaderValue(validated: "bytes */\(length)")])
    }
  }

  /// Whether the rest may be put behind what the client has (`If-Range`, §13.1.5): the tags must be the same.
  private static func isSame(_ request: HTTPRequest, _ response: HTTPResponse) -> Bool {
    guard let condition = request.headers[.ifRange] else { return true }
    guard let tag = EntityTag(text: condition) else { return false }
    return response.headers[.etag].flatMap(EntityTag.init(text:)) == tag
  }
}
