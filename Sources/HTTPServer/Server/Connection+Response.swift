/// Writing a response.
extension Connection {
  /// Whether the connection stays open. Where the content broke off, the outcome is incomplete, and the client
  /// must see that it is.
  func send(
    _ response: HTTPResponse, isHead: Bool, minorVersion: Int, keepsAlive: Bool,
    _ outcome: inout HTTPResponse.SendOutcome
  ) async throws(TransportError) -> Bool {
    let framing = Self.framing(response, minorVersion: minorVersion)
    let staysOpen = keepsAlive && framing != .untilClose
    let head = ResponseHead.bytes(
      response, framing: framing, keepsAlive: staysOpen, minorVersion: minorVersion)
    outcome.isComplete = false
    let allowance = configuration.deadlines.write
    switch response.body {
    case .bytes(let content) where !isHead && framing != .none:
      if content.count <= Transport.pieceBytes {
        try await transport.write(head + content, within: allowance)
      } else {
        try await transport.write(head, within: allowance)
        try await transport.write(content, within: allowance)
      }
      outcome.bytes = content.count
    case .file(let file) where !isHead && framing != .none:
      try await transport.write(head, within: allowance)
      guard try await send(file, &outcome) else { return false }
    case .stream(let stream) where !isHead && framing != .none:
      try await transport.write(head, within: allowance)
      guard try await send(stream, isChunked: framing == .chunked, &outcome) else { return false }
    case .events(let stream) where !isHead && framing != .none:
      try await transport.write(head, within: allowance)
      guard try await send(stream, isChunked: framing == .chunked, &outcome) else { return false }
    default:
      try await transport.write(head, within: allowance)
    }
    outcome.isComplete = true
    return staysOpen
  }

  /// False: the file has become shorter than its announced length.
  private func send(
    _ file: HTTPFile, _ outcome: inout HTTPResponse.SendOutcome
  ) async throws(TransportError) -> Bool {
    var offset = file.range.lowerBound
    while offset < file.range.upperBound {
      let piece = await file.piece(from: offset)
      guard !piece.isEmpty else { return false }
      try await transport.write(piece, within: configuration.deadlines.write)
      offset += piece.count
      outcome.bytes += piece.count
    }
    return true
  }

  private static func framing(_ response: HTTPResponse, minorVersion: Int) -> ResponseFraming {
    if response.status.forbidsContent { return .none }
    guard let length = response.body.length else { return minorVersion >= 1 ? .chunked : .untilClose }
    return .length(length)
  }

  /// Asks for an element only when the one before has gone: the client's pace is the stream's pace.
  /// False: it broke off.
  private func send<Stream: AsyncSequence & Sendable>(
    _ stream: Stream, isChunked: Bool, _ outcome: inout HTTPResponse.SendOutcome
  ) async throws(TransportError) -> Bool where Stream.Element == [UInt8], Stream.Failure == any Error {
    var iterator = stream.makeAsyncIterator()
    let allowance = configuration.deadlines.write
    while true {
      let element: [UInt8]?
      do {
        element = try await iterator.next(isolation: self)
      } catch {
        logger.warning("The content of a response broke off.", metadata: ["error": "\(error)"])
        return false
      }
      guard !Task.isCancelled else { throw .cancelled }
      guard let element else { break }
      // An empty chunk would end the body.
      guard !element.isEmpty else { continue }
      if isChunked {
        let size = Array((String(element.count, radix: 16) + "\r\n").utf8)
        try await transport.write(size + element + [Octet.carriageReturn, Octet.lineFeed], within: allowance)
      } else {
        try await transport.write(element, within: allowance)
      }
      outcome.bytes += element.count
    }
    if isChunked { try await transport.write(Array("0\r\n\r\n".utf8), within: allowance) }
    return true
  }
}
