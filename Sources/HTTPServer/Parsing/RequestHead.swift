/// Everything before a request's body, checked.
package struct RequestHead: Sendable {
  package let method: HTTPMethod
  package let target: RequestTarget
  package let minorVersion: Int
  package let headers: HTTPHeaders
  package let framing: BodyFraming
  /// The client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
  package let expectsContinue: Bool
  /// RFC 9112 §9.3.
  package let keepsAlive: Bool

  init(line: RequestLine, headers: HTTPHeaders) throws(RequestFault) {
    method = line.method
    target = line.target
    minorVersion = line.minorVersion
    self.headers = headers

    let hosts = headers.values(.host)
    guard hosts.count == 1 || hosts.isEmpty && minorVersion == 0 else {
      throw .malformed("A request has exactly one Host field.")
    }
    guard hosts.allSatisfy({ Authority.isValid(Array($0.utf8)[...]) }) else {
      throw .malformed("The Host field is empty, or not a host and a port.")
    }
    framing = try BodyFraming(headers, minorVersion: minorVersion)

    let expectations = minorVersion >= 1 ? headers.list(.expect) : []
    guard expectations.allSatisfy({ $0 == "100-continue" }) else { throw .unknownExpectation }
    expectsContinue = !expectations.isEmpty && framing != .none && framing != .length(0)

    let options = headers.list(.connection)
    keepsAlive = !options.contains("close") && (minorVersion >= 1 || options.contains("keep-alive"))
  }
}
