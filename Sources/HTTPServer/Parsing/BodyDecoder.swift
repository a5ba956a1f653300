/// Takes one request's body out of the received bytes, whatever its framing.
package struct BodyDecoder: Sendable {
  private enum State {
    case length(remaining: Int)
    case chunked(ChunkedDecoder)
    case end
  }

  private var state: State

  package init(_ framing: BodyFraming, limits: HTTPLimits) {
    switch framing {
    case .none: state = .end
    case .length(let length): state = length == 0 ? .end : .length(remaining: length)
    case .chunked: state = .chunked(ChunkedDecoder(limits: limits))
    }
  }

  /// Every byte of the body has been consumed.
  package var isFinished: Bool {
    if case .end = state { true } else { false }
  }

  /// Bytes still to come, where the framing says; nil for a chunked body that hasn't ended.
  package var remaining: Int? {
    switch state {
    case .length(let remaining): remaining
    case .chunked: nil
    case .end: 0
    }
  }

  /// Content that the buffer holds, at most `maximum` bytes of it. None: the body has ended (`isFinished`),
  /// or more bytes are needed.
  package mutating func decode(
    _ buffer: inout ReceiveBuffer, atMost maximum: Int
  ) throws(RequestFault) -> [UInt8] {
    switch state {
    case .end: return []
    case .length(let remaining):
      let bytes = buffer.take(atMost: min(remaining, maximum))
      state = bytes.count == remaining ? .end : .length(remaining: remaining - bytes.count)
      return Array(bytes)
    case .chunked(var decoder):
      var output: [UInt8] = []
      let ended = try decoder.decode(&buffer, into: &output, atMost: maximum)
      state = ended ? .end : .chunked(decoder)
      return output
    }
  }
}
