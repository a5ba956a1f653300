import Capacity
import HTTPServer

/// How a client wants rows.
enum TableFormat: String, CaseIterable, Sendable {
  case json
  case ndjson
  case csv

  /// As `?format=` says, else as `Accept` does; JSON where neither says anything that is to be had.
  init(_ request: HTTPRequest) throws(ProblemDocument) {
    if let name = try request.parameter("format") {
      guard let format = Self(rawValue: name) else {
        throw .parameter(
          "format", name, allowed: "one of " + Self.allCases.map(\.rawValue).joined(separator: ", "))
      }
      self = format
      return
    }
    let preferred = request.preferredMediaType(of: Self.allCases.map(\.mediaType))
    self = Self.allCases.first { $0.mediaType == preferred } ?? .json
  }

  private var mediaType: String {
    switch self {
    case .json: "application/json"
    case .ndjson: "application/x-ndjson"
    case .csv: "text/csv"
    }
  }

  /// The response whose content comes in pieces.
  ///
  /// - Parameter name: of the file, where a browser stores it.
  func response(_ pieces: PagedText, named name: String) throws -> HTTPResponse {
    HTTPResponse(headers: try headers(name), body: .stream(pieces))
  }

  /// The response whose content is there.
  func response(_ bytes: [UInt8], named name: String) throws -> HTTPResponse {
    HTTPResponse(headers: try headers(name), body: .bytes(bytes))
  }

  private func headers(_ name: String) throws -> HTTPHeaders {
    let type: HTTPHeaderValue =
      self == .csv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson"
    var headers: HTTPHeaders = ["Content-Type": type, "Vary": "Accept"]
    try headers.set(.contentDisposition, text: "inline; filename=\"\(name).\(rawValue)\"")
    return headers
  }
}

/// A text that is made page by page, as the client takes it. Where making it fails the connection breaks off, so that the
/// client can tell a part from the whole.
struct PagedText: AsyncSequence, Sendable {
  typealias Element = [UInt8]
  typealias Failure = any Error

  /// What comes first.
  let head: [UInt8]
  /// Where the first page begins.
  let start: Int64
  /// The page after a place, with the place where it ends; nil behind the last.
  let page: @Sendable (_ after: Int64) async throws -> (bytes: [UInt8], end: Int64)?

  func makeAsyncIterator() -> Iterator { Iterator(text: self, place: start, head: head) }

  struct Iterator: AsyncIteratorProtocol {
    let text: PagedText
    var place: Int64
    var head: [UInt8]

    mutating func next() async throws -> [UInt8]? {
      if !head.isEmpty {
        defer { head = [] }
        return head
      }
      guard let page = try await text.page(place) else { return nil }
      place = page.end
      return page.bytes
    }
  }
}
