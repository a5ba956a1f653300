/// Gives every request an id that stands in the log and in the answer: the client's `X-Request-Id` where it is
/// one, else a new one of 128 random bits. A `traceparent` of W3C Trace Context is kept and answered too.
package struct RequestIdentification: Middleware {
  package init() {}

  package func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
    var request = request
    request.id = Self.clientID(request.headers) ?? Self.newID()
    request.traceParent = Self.traceParent(request.headers)
    var response = try await next(request)
    response.headers.set(.requestID, HTTPHeaderValue(validated: request.id))
    if let traceParent = request.traceParent {
      response.headers.set(.traceParent, HTTPHeaderValue(validated: traceParent))
    }
    return response
  }

  private static let allowed = ByteSet(
    "-._~:+/=@0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

  /// An id that can stand in any log as it is; any other is as if there were none.
  private static func clientID(_ headers: HTTPHeaders) -> String? {
    guard let text = headers.single(.requestID), (1...128).contains(text.utf8.count),
      text.utf8.allSatisfy(allowed.contains)
    else { return nil }
    return text
  }

  static func newID() -> String {
    var random = SystemRandomNumberGenerator()
    var digits: [UInt8] = []
    digits.reserveCapacity(32)
    for word in [random.next(), random.next()] as [UInt64] {
      for shift in stride(from: 60, through: 0, by: -4) {
        let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 0x0F
        digits.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
      }
    }
    return String(decoding: digits, as: UTF8.self)
  }

  /// `00-` trace id `-` parent id `-` flags (W3C Trace Context §3.2), in small letters, neither id zero.
  private static func traceParent(_ headers: HTTPHeaders) -> String? {
    guard let text = headers.single(.traceParent) else { return nil }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [2, 32, 16, 2], parts[0] == "00",
      parts.allSatisfy({ $0.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 } }),
      parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
    else { return nil }
    return text
  }
}
