/// A status code (RFC 9110 §15) with its reason phrase.
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

  /// `404 Not Found`
  package var description: String { "\(code) \(reason)" }

  /// RFC 9110 §6.4.1: responses that never have content.
  var forbidsContent: Bool { code < 200 || code == 204 || code == 304 }

  /// 200, RFC 9110 §15.3.1.
  package static let ok = HTTPStatus(code: 200, reason: "OK")
  /// 201, RFC 9110 §15.3.2.
  package static let created = HTTPStatus(code: 201, reason: "Created")
  /// 202, RFC 9110 §15.3.3.
  package static let accepted = HTTPStatus(code: 202, reason: "Accepted")
  /// 204, RFC 9110 §15.3.5.
  package static let noContent = HTTPStatus(code: 204, reason: "No Content")
  /// 301, RFC 9110 §15.4.2.
  package static let movedPermanently = HTTPStatus(code: 301, reason: "Moved Permanently")
  /// 303, RFC 9110 §15.4.4.
  package static let seeOther = HTTPStatus(code: 303, reason: "See Other")
  /// 304, RFC 9110 §15.4.5.
  package static let notModified = HTTPStatus(code: 304, reason: "Not Modified")
  /// 307, RFC 9110 §15.4.8.
  package static let temporaryRedirect = HTTPStatus(code: 307, reason: "Temporary Redirect")
  /// 308, RFC 9110 §15.4.9.
  package static let permanentRedirect = HTTPStatus(code: 308, reason: "Permanent Redirect")
  /// 400, RFC 9110 §15.5.1.
  package static let badRequest = HTTPStatus(code: 400, reason: "Bad Request")
  /// 401, RFC 9110 §15.5.2.
  package static let unauthorized = HTTPStatus(code: 401, reason: "Unauthorized")
  /// 403, RFC 9110 §15.5.4.
  package static let forbidden = HTTPStatus(code: 403, reason: "Forbidden")
  /// 404, RFC 9110 §15.5.5.
  package static let notFound = HTTPStatus(code: 404, reason: "Not Found")
  /// 405, RFC 9110 §15.5.6.
  package static let methodNotAllowed = HTTPStatus(code: 405, reason: "Method Not Allowed")
  /// 406, RFC 9110 §15.5.7.
  package static let notAcceptable = HTTPStatus(code: 406, reason: "Not Acceptable")
  /// 408, RFC 9110 §15.5.9.
  package static let requestTimeout = HTTPStatus(code: 408, reason: "Request Timeout")
  /// 409, RFC 9110 §15.5.10.
  package static let conflict = HTTPStatus(code: 409, reason: "Conflict")
  /// 410, RFC 9110 §15.5.11.
  package static let gone = HTTPStatus(code: 410, reason: "Gone")
  /// 411, RFC 9110 §15.5.12.
  package static let lengthRequired = HTTPStatus(code: 411, reason: "Length Required")
  /// 412, RFC 9110 §15.5.13.
  package static let preconditionFailed = HTTPStatus(code: 412, reason: "Precondition Failed")
  /// 413, RFC 9110 §15.5.14.
  package static let contentTooLarge = HTTPStatus(code: 413, reason: "Content Too Large")
  /// 414, RFC 9110 §15.5.15.
  package static let uriTooLong = HTTPStatus(code: 414, reason: "URI Too Long")
  /// 415, RFC 9110 §15.5.16.
  package static let unsupportedMediaType = HTTPStatus(code: 415, reason: "Unsupported Media Type")
  /// 417, RFC 9110 §15.5.18.
  package static let expectationFailed = HTTPStatus(code: 417, reason: "Expectation Failed")
  /// 422, RFC 9110 §15.5.21.
  package static let unprocessableContent = HTTPStatus(code: 422, reason: "Unprocessable Content")
  /// 429, RFC 6585 §4.
  package static let tooManyRequests = HTTPStatus(code: 429, reason: "Too Many Requests")
  /// 431, RFC 6585 §5.
  package static let requestHeaderFieldsTooLarge = HTTPStatus(
    code: 431, reason: "Request Header Fields Too Large")
  /// 500, RFC 9110 §15.6.1.
  package static let internalServerError = HTTPStatus(code: 500, reason: "Internal Server Error")
  /// 501, RFC 9110 §15.6.2.
  package static let notImplemented = HTTPStatus(code: 501, reason: "Not Implemented")
  /// 502, RFC 9110 §15.6.3.
  package static let badGateway = HTTPStatus(code: 502, reason: "Bad Gateway")
  /// 503, RFC 9110 §15.6.4.
  package static let serviceUnavailable = HTTPStatus(code: 503, reason: "Service Unavailable")
  /// 505, RFC 9110 §15.6.6.
  package static let httpVersionNotSupported = HTTPStatus(code: 505, reason: "HTTP Version Not Supported")
  /// 507, RFC 4918 §11.5.
  package static let insufficientStorage = HTTPStatus(code: 507, reason: "Insufficient Storage")
}
