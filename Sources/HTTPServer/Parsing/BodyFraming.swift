/// How the end of a request's body is found (RFC 9112 §6).
package enum BodyFraming: Sendable, Hashable {
  case none
  case length(Int)
  case chunked

  /// RFC 9112 §6.3, with every doubtful case refused: a request whose length two readers could take
  /// differently is how requests are smuggled.
  package init(_ headers: HTTPHeaders, minorVersion: Int) throws(RequestFault) {
    let lengths = headers.values(.contentLength)
    let hasCodings = headers.contains { $0.name == .transferEncoding }
    if hasCodings {
      guard minorVersion >= 1 else { throw .malformed("HTTP/1.0 has no Transfer-Encoding.") }
      guard lengths.isEmpty else {
        throw .malformed("Transfer-Encoding and Content-Length exclude each other.")
      }
      try Self.checkCodings(headers.list(.transferEncoding))
      self = .chunked
      return
    }
    guard let length = lengths.first else {
      self = .none
      return
    }
    guard lengths.count == 1 else { throw .malformed("Content-Length occurs more than once.") }
    guard !length.isEmpty, length.utf8.allSatisfy(\.isDigit) else {
      throw .malformed("Content-Length is not a number.")
    }
    // A number too large for Int is beyond every limit (RFC 9110 §8.6 warns of the overflow).
    self = .length(Int(length) ?? .max)
  }

  private static func checkCodings(_ codings: [String]) throws(RequestFault) {
    guard codings.last == "chunked" else {
      throw .malformed("The last transfer coding of a request must be chunked.")
    }
    let others = codings.dropLast()
    guard !others.contains("chunked") else { throw .malformed("The chunked coding is applied twice.") }
    guard others.isEmpty else { throw .unknownTransferCoding }
  }
}
