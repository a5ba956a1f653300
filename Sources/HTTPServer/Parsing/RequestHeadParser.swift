/// Reads one request head (RFC 9112 §2.2, §3, §5) from bytes that arrive in any pieces. What comes out, the
/// fault included, depends on the bytes alone, not on how they were split.
package struct RequestHeadParser: Sendable {
  private enum State {
    case start
    case requestLine
    case fields(RequestLine)
  }

  private var state = State.start
  private var section: FieldSection
  private let limits: HTTPLimits

  package init(limits: HTTPLimits) {
    self.limits = limits
    section = FieldSection(limits: limits)
  }

  /// Consumes bytes up to the end of the head. Nil: more bytes are needed. After a fault the parser is of no
  /// further use, and neither is the connection.
  package mutating func parse(_ buffer: inout ReceiveBuffer) throws(RequestFault) -> RequestHead? {
    while true {
      switch state {
      case .start:
        guard let first = buffer.first else { return nil }
        guard first == Octet.carriageReturn else {
          // Refused at the first byte: what isn't HTTP at all (TLS, say) may never send a line end.
          guard ByteSet.token.contains(first) else { throw .malformed("This is not an HTTP request.") }
          state = .requestLine
          continue
        }
        // §2.2: one empty line before the request line is ignored; older clients send it after a body.
        switch buffer.takeLine(limit: 0) {
        case .incomplete: return nil
        case .line: state = .requestLine
        case .tooLong, .bareLineFeed: throw .malformed("A carriage return without a line feed.")
        }
      case .requestLine:
        switch buffer.takeLine(limit: limits.requestLineBytes) {
        case .incomplete: return nil
        case .tooLong: throw .targetTooLong(limit: limits.requestLineBytes)
        case .bareLineFeed: throw .malformed("The request line must end with CRLF.")
        case .line(let line): state = .fields(try RequestLine(line))
        }
      case .fields(let line):
        guard try section.consume(&buffer) else { return nil }
        return try RequestHead(line: line, headers: section.fields)
      }
    }
  }
}
