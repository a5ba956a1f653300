/// Why a request is refused before it reaches a handler. After each of these the connection is closed, since
/// the place where the next request starts can't be trusted.
package enum RequestFault: Error, Equatable, Sendable {
  /// The message breaks the grammar or the framing rules: 400. The text says which rule.
  case malformed(String)
  /// RFC 9110 §15.5.15.
  case targetTooLong(limit: Int)
  /// RFC 6585 §5.
  case headersTooLarge(String)
  /// RFC 9110 §15.6.6: a major version other than 1.
  case unsupportedVersion
  /// RFC 9112 §6.1: a transfer coding below `chunked` that isn't known here.
  case unknownTransferCoding
  /// RFC 9110 §15.6.2: a method no server of this kind has, CONNECT included.
  case unsupportedMethod
  /// RFC 9110 §10.1.1: an expectation other than `100-continue`.
  case unknownExpectation

  package var problem: ProblemType {
    switch self {
    case .malformed: .malformedRequest
    case .targetTooLong: .requestLineTooLong
    case .headersTooLarge: .headerTooLarge
    case .unsupportedVersion: .versionNotSupported
    case .unknownTransferCoding, .unsupportedMethod: .notImplemented
    case .unknownExpectation: .expectationFailed
    }
  }

  package var status: HTTPStatus { problem.status }

  package var detail: String {
    switch self {
    case .malformed(let rule): rule
    case .targetTooLong(let limit): "The request line may have at most \(limit) bytes."
    case .headersTooLarge(let limit): limit
    case .unsupportedVersion: "This server speaks HTTP/1.1 and HTTP/1.0."
    case .unknownTransferCoding: "The only transfer coding this server decodes is chunked."
    case .unsupportedMethod: "This server has no such method."
    case .unknownExpectation: "The only expectation this server meets is 100-continue."
    }
  }
}
