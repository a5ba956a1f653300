/// The content of a response.
package enum HTTPResponseBody: Sendable {
  case none
  /// Content of known length.
  case bytes([UInt8])
  /// A part of an open file.
  case file(HTTPFile)
  /// Content of unknown length, sent in chunks as the sequence yields them and no faster than the client
  /// reads. The sequence is asked for its next element only when the one before has been handed to the
  /// network. An error breaks the connection off, so that the client can tell a part from the whole.
  case stream(any AsyncSequence<[UInt8], any Error> & Sendable)
  /// Events as they happen.
  case events(EventStream)

  /// Bytes; nil where that isn't known beforehand.
  var length: Int? {
    switch self {
    case .none: 0
    case .bytes(let content): content.count
    case .file(let file): file.range.count
    case .stream, .events: nil
    }
  }

  var events: EventStream? { if case .events(let stream) = self { stream } else { nil } }

  /// A part of content of known length.
  func part(_ range: Range<Int>) -> HTTPResponseBody {
    switch self {
    case .bytes(let content): .bytes(Array(content[range]))
    case .file(let file): .file(file.part(range))
    case .none, .stream, .events: self
    }
  }
}

/// A response. The server itself writes Date, Content-Length, Transfer-Encoding and the connection's fields;
/// a `Connection: close` among the headers is honoured.
package struct HTTPResponse: Sendable {
  package var status: HTTPStatus
  package var headers: HTTPHeaders
  package var body: HTTPResponseBody
  /// Whom it answers, for the log; nil where nobody found out.
  package var identity: RequestIdentity?
  private var observers: [@Sendable (SendOutcome) -> Void] = []

  /// What became of a response.
  package struct SendOutcome: Sendable {
    /// Bytes of content that went out.
    package var bytes = 0
    /// False: the client was lost, or the content broke off.
    package var isComplete = true
  }

  package init(status: HTTPStatus = .ok, headers: HTTPHeaders = [:], body: HTTPResponseBody = .none) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Content of known length and media type.
  package init(status: HTTPStatus = .ok, contentType: HTTPHeaderValue, bytes: [UInt8]) {
    self.init(status: status, body: .bytes(bytes))
    headers.set(.contentType, contentType)
  }

  /// `text/plain; charset=utf-8`
  package static func text(_ text: String, status: HTTPStatus = .ok) -> HTTPResponse {
    HTTPResponse(status: status, contentType: "text/plain; charset=utf-8", bytes: Array(text.utf8))
  }

  /// A file, of which ranges can be asked for; nil where there is no such regular file.
  package static func file(path: String, contentType: HTTPHeaderValue) -> HTTPResponse? {
    guard let file = HTTPFile(path: path) else { return nil }
    return HTTPResponse(
      headers: ["Content-Type": contentType, "Accept-Ranges": "bytes"], body: .file(file))
  }

  /// Calls `observer` once the response has been sent or has broken off; never for one made in memory.
  package mutating func whenSent(_ observer: @escaping @Sendable (SendOutcome) -> Void) {
    observers.append(observer)
  }

  func tellObservers(_ outcome: SendOutcome) {
    for observer in observers { observer(outcome) }
  }
}
