/// Writing a response.
extension Connection {
  struct SendOutcome {
    /// Bytes of content.
    var bytes = 0
    /// False: the content broke off, and the client must see that it did.
    var isComplete = true
    var keepsAlive: Bool
  }

  func send(
    _ response: HTTPResponse, isHead: Bool, minorVersion: Int, keepsAlive: Bool
  ) async throws(TransportError) -> SendOutcome {
    let framing = Self.framing(response, minorVersion: minorVersion)
    var outcome = SendOutcome(keepsAlive: keepsAlive && framing != .untilClose)
    let head = ResponseHead.bytes(
      response, framing: framing, keepsAlive: outcome.keepsAlive, minorVersion: minorVersion)
    let allowance = configuration.deadlines.write
    switch response.body {
    case .bytes(let content) where !isHead && framing != .none:
      outcome.bytes = content.count
      if content.count <= Transport.pieceBytes {
        try await transport.write(head + content, within: allowance)
      } else {
        try await transport.write(head, within: allowance)
        try await transport.write(content, within: allowance)
      }
    case .stream(let stream) where !isHead && framing != .none:
      try await transport.write(head, within: allowance)
      try await send(stream, isChunked: framing == .chunked, &outcome)
    default:
      try await transport.write(head, within: allowance)
    }
    return outcome
  }

  private static func framing(_ response: HTTPResponse, minorVersion: Int) -> ResponseFraming {
    if response.status.forbidsContent { return .none }
    return switch response.body {
    case .none: .length(0)
    case .bytes(let content): .length(content.count)
    case .stream: minorVersion >= 1 ? .chunked : .untilClose
    }
  }

  /// Asks for an element only when the one before has gone: the client's pace is the stream's pace.
  private func send<Stream: AsyncSequence & Sendable>(
    _ stream: Stream, isChunked: Bool, _ outcome: inout SendOutcome
  ) async throws(TransportError) where Stream.Element == [UInt8], Stream.Failure == any Error {
    var iterator = stream.makeAsyncIterator()
    let allowance = configuration.deadlines.write
    while true {
      let element: [UInt8]?
      do {
        element = try await iterator.next(isolation: self)
      } catch {
        logger.warning("The content of a response broke off.", metadata: ["error": "\(error)"])
        outcome.isComplete = false
        return
      }
      guard !Task.isCancelled else { throw .cancelled }
      guard let element else { break }
      // An empty chunk would end the body.
      guard !element.isEmpty else { continue }
      outcome.bytes += element.count
      if isChunked {
        let size = Array((String(element.count, radix: 16) + "\r\n").utf8)
        try await transport.write(size + element + [Octet.carriageReturn, Octet.lineFeed], within: allowance)
      } else {
        try await transport.write(element, within: allowance)
      }
    }
    if isChunked { try await transport.write(Array("0\r\n\r\n".utf8), within: allowance) }
  }
}
