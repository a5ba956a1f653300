import Capacity
import HTTPServer

/// A page of a list: at most `limit` items after a cursor.
struct Page {
  let limit: Int
  /// The `next` of the page before, as the route wrote it; nil for the first page.
  let cursorText: String?
  /// All parameters of the request.
  let parameters: QueryParameters

  /// The cursor of a route whose cursors are numbers.
  var cursor: Int64? { cursorText.flatMap(QueryParameters.plainDigits) }

  static let limits = 1...200

  /// Reads `limit` and `cursor` from a query.
  ///
  /// - Parameters:
  ///   - known: the names of the route's other parameters; any further name is refused.
  ///   - isCursor: whether a text can be one of the route's cursors; numbers by default.
  init(
    _ request: HTTPRequest, known: Set<String> = [],
    cursor isCursor: (String) -> Bool = { QueryParameters.plainDigits($0) != nil }
  ) throws(ProblemDocument) {
    parameters = try QueryParameters(request, known: known.union(["limit", "cursor"]))
    limit = try parameters.integer("limit", in: Self.limits) ?? 50
    cursorText = parameters["cursor"]
    if let text = cursorText, !isCursor(text) {
      throw .query("cursor", text, allowed: "the `next` of an earlier page")
    }
  }

  /// `{"items": […], "next": cursor or null}`, with a `Link` to the next page (RFC 8288).
  func response(_ items: [JSONText], next: Int64?, request: HTTPRequest) throws -> HTTPResponse {
    try response(items, nextText: next.map { String($0) }, request: request)
  }

  /// The same for a route whose cursors are texts.
  func response(_ items: [JSONText], nextText next: String?, request: HTTPRequest) throws -> HTTPResponse {
    try .page(items, next: next, request: request)
  }
}
