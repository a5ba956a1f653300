/// A status code (RFC 9110 §15; RFC 6585 and RFC 4918 for 428 to 431 and 507) with its reason phrase.
package struct HTTPStatus: Hashable, Sendable, CustomStringConvertible {
  /// Three digits, 100…599.
  package let code: Int
  /// The phrase after the code; for people alone.
  package let reason: String

  /// A status of one's own; the code must lie in 100…599 and the phrase must be plain ASCII text.
  package init(code: Int, reason: String) {
    precondition((100...599).contains(code), "a status code has three digits, 100 to 599")
    precondition(reason.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "a reason phrase is plain text")
    self.code = code
    self.reason = reason
  }

  package var description: String { "\(code) \(reason)" }

  /// RFC 9110 §6.4.1: responses that never have content.
  var forbidsContent: Bool { code < 200 || code == 204 || code == 304 }

  package static let ok = HTTPStatus(code: 200, reason: "OK")
  package static let created = HTTPStatus(code: 201, reason: "Created")
  package static let accepted = HTTPStatus(code: 202, reason: "Accepted")
  package static let noContent = HTTPStatus(code: 204, reason: "No Content")
  package static let partialContent = HTTPStatus(code: 206, reason: "Partial Content")
  package static let notModified = HTTPStatus(code: 304, reason: "Not Modified")
  package static let temporaryRedirect = HTTPStatus(code: 307, reason: "Temporary Redirect")
  package static let badRequest = HTTPStatus(code: 400, reason: "Bad Request")
  package static let unauthorized = HTTPStatus(code: 401, reason: "Unauthorized")
  package static let forbidden = HTTPStatus(code: 403, reason: "Forbidden")
  package static let notFound = HTTPStatus(code: 404, reason: "Not Found")
  package static let methodNotAllowed = HTTPStatus(code: 405, reason: "Method Not Allowed")
  package static let requestTimeout = HTTPStatus(code: 408, reason: "Request Timeout")
  package static let conflict = HTTPStatus(code: 409, reason: "Conflict")
  package static let gone = HTTPStatus(code: 410, reason: "Gone")
  package static let contentTooLarge = HTTPStatus(code: 413, reason: "Content Too Large")
  package static let uriTooLong = HTTPStatus(code: 414, reason: "URI Too Long")
  package static let unsupportedMediaType = HTTPStatus(code: 415, reason: "Unsupported Media Type")
  package static let rangeNotSatisfiable = HTTPStatus(code: 416, reason: "Range Not Satisfiable")
  package static let expectationFailed = HTTPStatus(code: 417, reason: "Expectation Failed")
  package static let misdirectedRequest = HTTPStatus(code: 421, reason: "Misdirected Request")
  package static let unprocessableContent = HTTPStatus(code: 422, reason: "Unprocessable Content")
  package static let tooManyRequests = HTTPStatus(code: 429, reason: "Too Many Requests")
  package static let requestHeaderFieldsTooLarge = HTTPStatus(
    code: 431, reason: "Request Header Fields Too Large")
  package static let internalServerError = HTTPStatus(code: 500, reason: "Internal Server Error")
  package static let notImplemented = HTTPStatus(code: 501, reason: "Not Implemented")
  package static let serviceUnavailable = HTTPStatus(code: 503, reason: "Service Unavailable")
  package static let httpVersionNotSupported = HTTPStatus(code: 505, reason: "HTTP Version Not Supported")
  package static let insufficientStorage = HTTPStatus(code: 507, reason: "Insufficient Storage")
}
