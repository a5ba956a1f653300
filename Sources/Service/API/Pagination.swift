import Capacity
import HTTPServer

/// Cursors belong to their list: a place in it, and a mark of the path and of the parameters that say what is listed and in what
/// order. In another list the same place would mean something else.
extension HTTPRequest {
  /// The `next` of a page of this list, which goes on from a position.
  func cursor(at position: String) -> String { "\(position)~\(listMark)" }

  /// The position that the parameter `cursor` names; nil where there is none.
  ///
  /// - Throws: 400 for a cursor of another list.
  func cursorPosition() throws(ProblemDocument) -> String? {
    guard let text = try parameter("cursor") else { return nil }
    guard let end = text.lastIndex(of: "~"), text[text.index(after: end)...] == listMark else {
      throw .cursor(text)
    }
    return String(text[..<end])
  }

  private var listMark: String {
    let asked = query.filter { !["cursor", "limit", "wait", "format"].contains($0.name) }
      .map { "\($0.name)=\($0.value)" }.sorted()
    return String(contentDigest(of: Array(([path] + asked).joined(separator: "\n").utf8)).prefix(8))
  }
}

extension ProblemDocument {
  /// 400: no cursor of this list.
  static func cursor(_ text: String) -> ProblemDocument {
    .parameter(
      "cursor", text, allowed: "the `next` of an earlier page of this list, with the same parameters")
  }
}

/// A page of a list: at most `limit` items after a cursor.
struct Page {
  let limit: Int
  /// The `next` of the page before, as the route wrote it; nil for the first page.
  let cursorText: String?
  /// The cursor of a route whose cursors are numbers.
  var cursor: Int64? { cursorText.flatMap(PlainNumber.parse).map(Int64.init) }

  static let limits = 1...200

  /// Reads `limit` and `cursor` from a query.
  ///
  /// - Parameters:
  ///   - known: the names of the route's other parameters; any further name is refused.
  ///   - isCursor: whether a text can be one of the route's cursors; numbers by default.
  init(
    _ request: HTTPRequest, known: Set<String> = [],
    cursor isCursor: (String) -> Bool = { PlainNumber.parse($0) != nil }
  ) throws(ProblemDocument) {
    try request.checkParameters(known.union(["limit", "cursor"]))
    limit = try request.parameter("limit", in: Self.limits) ?? 50
    cursorText = try request.cursorPosition()
    if let text = cursorText, !isCursor(text) { throw .cursor(text) }
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
