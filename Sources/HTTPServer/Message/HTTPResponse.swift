/// The content of a response.
package enum HTTPResponseBody: Sendable {
  /// No content.
  case none
  /// Content of known length.
  case bytes([UInt8])
  /// Content of unknown length, sent in chunks as the sequence yields them and no faster than the client
  /// reads. The sequence is asked for its next element only when the one before has been handed to the
  /// network. An error breaks the connection off, so that the client can tell a part from the whole.
  case stream(any AsyncSequence<[UInt8], any Error> & Sendable)
}

/// A response. The server itself writes Date, Content-Length, Transfer-Encoding and the connection's fields;
/// a `Connection: close` among the headers is honoured.
package struct HTTPResponse: Sendable {
  /// The status.
  package var status: HTTPStatus
  /// The header fields.
  package var headers: HTTPHeaders
  /// The content.
  package var body: HTTPResponseBody

  /// A response of these parts.
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
}
