/// A kind of problem: what `type` and `title` of a problem document (RFC 9457 §3.1) say, and its status.
/// `docs/errors.md` lists every one.
package struct ProblemType: Sendable, Hashable {
  /// The last part of the URI.
  package let name: String
  package let title: String
  package let status: HTTPStatus

  package init(_ name: String, _ title: String, _ status: HTTPStatus) {
    self.name = name
    self.title = title
    self.status = status
  }

  /// `urn:emc:problem:…`
  package var uri: String { "urn:emc:problem:\(name)" }

  package static let malformedRequest = ProblemType("malformed-request", "Malformed request", .badRequest)
  package static let parameterNotAllowed = ProblemType(
    "parameter-not-allowed", "Query parameter not allowed", .badRequest)
  package static let foreignOrigin = ProblemType("foreign-origin", "Another site's page", .forbidden)
  package static let notFound = ProblemType("not-found", "Not found", .notFound)
  package static let methodNotAllowed = ProblemType(
    "method-not-allowed", "Method not allowed", .methodNotAllowed)
  package static let requestTimeout = ProblemType("request-timeout", "Request timeout", .requestTimeout)
  package static let contentTooLarge = ProblemType("content-too-large", "Content too large", .contentTooLarge)
  package static let requestLineTooLong = ProblemType(
    "request-line-too-long", "Request line too long", .uriTooLong)
  package static let unsupportedMediaType = ProblemType(
    "unsupported-media-type", "Unsupported media type", .unsupportedMediaType)
  package static let rangeNotSatisfiable = ProblemType(
    "range-not-satisfiable", "Range not satisfiable", .rangeNotSatisfiable)
  package static let expectationFailed = ProblemType(
    "expectation-failed", "Expectation failed", .expectationFailed)
  package static let misdirectedRequest = ProblemType(
    "misdirected-request", "Misdirected request", .misdirectedRequest)
  package static let tooManyRequests = ProblemType("too-many-requests", "Too many requests", .tooManyRequests)
  package static let headerTooLarge = ProblemType(
    "header-too-large", "Header too large", .requestHeaderFieldsTooLarge)
  package static let internalError = ProblemType("internal-error", "Internal error", .internalServerError)
  package static let notImplemented = ProblemType("not-implemented", "Not implemented", .notImplemented)
  package static let unavailable = ProblemType("unavailable", "Unavailable", .serviceUnavailable)
  package static let deadlineExceeded = ProblemType(
    "deadline-exceeded", "Deadline exceeded", .serviceUnavailable)
  package static let versionNotSupported = ProblemType(
    "http-version-not-supported", "HTTP version not supported", .httpVersionNotSupported)

  /// Those of any server of this kind.
  package static let generic: [ProblemType] = [
    malformedRequest, parameterNotAllowed, foreignOrigin, notFound, methodNotAllowed, requestTimeout,
    contentTooLarge, requestLineTooLong, unsupportedMediaType, rangeNotSatisfiable, expectationFailed,
    misdirectedRequest, tooManyRequests, headerTooLarge, internalError, notImplemented, unavailable,
    deadlineExceeded, versionNotSupported,
  ]
}
