import Capacity
import HTTPServer

/// A page of a list: at most `limit` items after a cursor.
struct Page {
  let limit: Int
  let cursor: Int64?

  static let limits = 1...200

  /// Reads `limit` and `cursor` from a query.
  ///
  /// - Parameter known: the names of the route's other parameters; any further name is refused.
  init(_ request: HTTPRequest, known: Set<String> = []) throws(ProblemDocument) {
    var limit = 50
    var cursor: Int64?
    for (name, value) in request.query {
      switch name {
      case "limit":
        guard let number = Int(value), Self.limits.contains(number) else {
          throw .query(
            name, value, allowed: "an integer from \(Self.limits.lowerBound) to \(Self.limits.upperBound)")
        }
        limit = number
      case "cursor":
        guard let number = Int64(value), number >= 0 else {
          throw .query(name, value, allowed: "the `next` of an earlier page")
        }
        cursor = number
      case _ where known.contains(name): break
      default:
        throw .query(
          name, value,
          allowed: "the parameters \((known.sorted() + ["limit", "cursor"]).joined(separator: ", "))")
      }
    }
    self.limit = limit
    self.cursor = cursor
  }

  /// `{"items": […], "next": cursor or null}`, with a `Link` to the next page (RFC 8288).
  func response(_ items: [JSONValue], next: Int64?, request: HTTPRequest) throws -> HTTPResponse {
    var response = HTTPResponse.json(
      .object(["items": .array(items), "next": next.map { .string(String($0)) } ?? .null]))
    if let next {
      let others = request.query.filter { $0.name != "cursor" }.map { "\($0.name)=\($0.value)" }
      let query = (others + ["cursor=\(next)"]).joined(separator: "&")
      // Names and values have passed the checks of `init` and of the route: nothing in them needs escaping.
      try response.headers.set(.link, text: "<\(request.path)?\(query)>; rel=\"next\"")
    }
    return response
  }
}
