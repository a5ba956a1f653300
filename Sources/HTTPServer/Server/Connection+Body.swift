/// Reading, and skipping, the body of the request being served.
extension Connection {
  private static let continueResponse = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

  /// The next piece of a request's body; nil at its end.
  func nextBodyPiece(ofRequest number: Int) async throws(HTTPBodyError) -> [UInt8]? {
    guard isCurrent(number), !incoming.isBeingRead else { throw .detached }
    guard !incoming.hasFailed else { throw .disconnected }
    incoming.isBeingRead = true
    defer {
      incoming.isBeingRead = false
      readerEnd?.resume()
      readerEnd = nil
    }
    do throws(HTTPBodyError) {
      return try await receiveBodyPiece()
    } catch {
      incoming.hasFailed = true
      throw error
    }
  }

  private func receiveBodyPiece() async throws(HTTPBodyError) -> [UInt8]? {
    while true {
      do throws(RequestFault) {
        let piece = try incoming.decoder.decode(&buffer, atMost: Transport.pieceBytes)
        if !piece.isEmpty { return piece }
      } catch {
        throw .malformed(error.detail)
      }
      if incoming.decoder.isFinished { return nil }
      do throws(TransportError) {
        if incoming.awaitsContinue {
          incoming.awaitsContinue = false
          try await transport.write(Self.continueResponse, within: configuration.deadlines.write)
        }
        let start = ContinuousClock.now
        let patience = incoming.patience(configuration.deadlines)
        let bytes = try await transport.read(atMost: Transport.pieceBytes, by: start + patience)
        incoming.note(bytes: bytes.count, waited: .now - start)
        buffer.append(bytes)
      } catch {
        throw error == .timedOut ? .timedOut : .disconnected
      }
    }
  }

  /// Whether what the handler left unread is so little that the connection can go on behind it. A client that
  /// was never told to continue may or may not send its body, so that connection can't.
  func canSkipBody() -> Bool {
    guard !incoming.hasFailed, !incoming.isBeingRead else { return false }
    if incoming.decoder.isFinished { return true }
    if incoming.awaitsContinue { return false }
    if let remaining = incoming.decoder.remaining { return remaining <= configuration.limits.skippedBytes }
    // A chunked body announces no length: go on only if its end is here already.
    let skipped = try? incoming.decoder.decode(&buffer, atMost: configuration.limits.skippedBytes)
    return skipped != nil && incoming.decoder.isFinished
  }

  /// False: the rest of the body didn't come.
  func skipBody() async throws(TransportError) -> Bool {
    while !incoming.decoder.isFinished {
      guard (try? await receiveBodyPiece()) != nil || incoming.decoder.isFinished else { return false }
    }
    return true
  }

  /// Waits for a task that still reads the body though its handler has returned: the descriptor of a socket
  /// that someone waits for must not be closed.
  func endReading() async {
    guard incoming.isBeingRead else { return }
    transport.abort()
    await withCheckedContinuation { readerEnd = $0 }
  }
}
