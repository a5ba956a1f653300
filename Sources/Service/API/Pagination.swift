import Capacity
import HTTPServer

/// A page of a list: at most `limit` items after a cursor.
struct Page {
  let limit: Int
  /// The `next` of the page before, as the route wrote it; nil for the first page.
  let cursorText: String?

  /// The cursor of a route whose cursors are numbers.
  var cursor: Int64? { cursorText.flatMap { Int64($0) } }

  static let limits = 1...200

  /// Reads `limit` and `cursor` from a query.
  ///
  /// - Parameters:
  ///   - known: the names of the route's other parameters; any further name is refused.
  ///   - isCursor: whether a text can be one of the route's cursors; numbers by default.
  init(
    _ request: HTTPRequest, known: Set<String> = [],
    cursor isCursor: (String) -> Bool = { (Int64($0) ?? -1) >= 0 }
  ) throws(ProblemDocument) {
    var limit = 50
    var cursor: String?
    for (name, value) in request.query {
      switch name {
      case "limit":
        guard let number = Int(value), Self.limits.contains(number) else {
          throw .query(
            name, value, allowed: "an integer from \(Self.limits.lowerBound) to \(Self.limits.upperBound)")
        }
        limit = number
      case "cursor":
        guard isCursor(value) else {
          throw .query(name, value, allowed: "the `next` of an earlier page")
        }
        cursor = value
      case _ where known.contains(name): break
      default:
        throw .query(
          name, value,
          allowed: "the parameters \((known.sorted() + ["limit", "cursor"]).joined(separator: ", "))")
      }
    }
    self.limit = limit
    cursorText = cursor
  }

  /// `{"items": […], "next": cursor or null}`, with a `Link` to the next page (RFC 8288).
  func response(_ items: [JSONValue], next: Int64?, request: HTTPRequest) throws -> HTTPResponse {
    try response(items, nextText: next.map { String($0) }, request: request)
  }

  /// The same for a route whose cursors are texts that need no escaping in a query.
  func response(_ items: [JSONValue], nextText next: String?, request: HTTPRequest) throws -> HTTPResponse {
    var response = HTTPResponse.json(
      .object(["items": .array(items), "next": next.map(JSONValue.string) ?? .null]))
    if let next {
      let others = request.query.filter { $0.name != "cursor" }.map { "\($0.name)=\($0.value)" }
      let query = (others + ["cursor=\(next)"]).joined(separator: "&")
      // Names and values have passed the checks of `init` and of the route: nothing in them needs escaping.
      try response.headers.set(.link, text: "<\(request.path)?\(query)>; rel=\"next\"")
    }
    return response
  }
}
