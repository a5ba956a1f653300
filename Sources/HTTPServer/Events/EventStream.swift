import Synchronization

/// The events that one client is being sent. Whoever has news calls `send`, which never waits: what the client
/// hasn't taken yet is kept up to a limit of bytes, and a client that falls behind it loses its connection; it
/// comes back with its `Last-Event-ID`. A comment goes out where nothing has for a while, so that neither side
/// takes the other for gone.
package final class EventStream: AsyncSequence, Sendable {
  package typealias Element = [UInt8]
  package typealias Failure = any Error

  /// The client has not taken what it was sent.
  package struct FellBehind: Error {}

  private enum Ending {
    case finished
    case fellBehind
  }

  private struct State {
    var pending: [UInt8] = []
    var ending: Ending?
    var reader: CheckedContinuation<Void, Never>?
    /// Something has gone out since the last look of the heartbeat.
    var isActive = true
    var whenEnded: (@Sendable () -> Void)?
  }

  private let state: Mutex<State>
  private let limit: Int
  private let heartbeat: Duration

  private static let comment = Array(":\n\n".utf8)

  /// - Parameters:
  ///   - retry: how long the client waits before it reconnects.
  ///   - heartbeat: the longest silence.
  ///   - limit: bytes that wait for the client.
  package init(
    retry: Duration = .seconds(2), heartbeat: Duration = .seconds(15), limit: Int = 262_144
  ) {
    let milliseconds =
      retry.components.seconds * 1_000
      + retry.components.attoseconds / 1_000_000_000_000_000
    state = Mutex(State(pending: Array("retry: \(milliseconds)\n\n".utf8)))
    self.heartbeat = heartbeat
    self.limit = limit
  }

  /// Calls `action` once when the stream has ended, for whatever reason; at once where it has already.
  package func whenEnded(_ action: @escaping @Sendable () -> Void) {
    let isOver = state.withLock { state in
      if state.ending == nil { state.whenEnded = action }
      return state.ending != nil
    }
    if isOver { action() }
  }

  /// Whether what waits for the client is less than half of the limit: who has much to send waits for that between events,
  /// and so never leaves the client behind.
  package var hasRoom: Bool { state.withLock { $0.pending.count < limit / 2 } }

  /// False: nobody reads any more, so nothing more need be sent.
  @discardableResult
  package func send(_ event: ServerSentEvent) -> Bool { append(event.bytes) }

  /// Ends the stream after what has been sent.
  package func finish() { end(.finished) }

  private func append(_ bytes: [UInt8]) -> Bool {
    let (isOpen, reader) = state.withLock { state -> (Bool?, CheckedContinuation<Void, Never>?) in
      guard state.ending == nil else { return (false, nil) }
      guard state.pending.count + bytes.count <= limit else { return (nil, nil) }
      state.pending += bytes
      state.isActive = true
      return (true, state.reader.take())
    }
    reader?.resume()
    if isOpen == nil { end(.fellBehind) }
    return isOpen == true
  }

  private func end(_ ending: Ending) {
    let (reader, action) = state.withLock { state in
      if state.ending == nil {
        state.ending = ending
        if ending == .fellBehind { state.pending = [] }
      }
      return (state.reader.take(), state.whenEnded.take())
    }
    reader?.resume()
    action?()
  }

  /// A sign of life where nothing has gone out since the last call and nothing waits.
  private func beat() {
    let isSilent = state.withLock { state in
      defer { state.isActive = false }
      return !state.isActive && state.pending.isEmpty
    }
    if isSilent { _ = append(Self.comment) }
  }

  private func next() async throws -> [UInt8]? {
    while true {
      let (bytes, ending) = state.withLock { state -> ([UInt8], Ending?) in
        defer { state.pending = [] }
        return (state.pending, state.ending)
      }
      if !bytes.isEmpty { return bytes }
      switch ending {
      case .finished: return nil
      case .fellBehind: throw FellBehind()
      case nil: break
      }
      try Task.checkCancellation()
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let isNeeded = state.withLock { state in
            guard state.pending.isEmpty, state.ending == nil, !Task.isCancelled else { return false }
            state.reader = continuation
            return true
          }
          if !isNeeded { continuation.resume() }
        }
      } onCancel: {
        state.withLock { $0.reader.take() }?.resume()
      }
    }
  }

  package func makeAsyncIterator() -> Iterator { Iterator(self) }

  /// One reader; when it is let go of, the stream has ended.
  package struct Iterator: AsyncIteratorProtocol {
    private final class Reading: Sendable {
      let stream: EventStream
      let heart: Task<Void, Never>

      init(_ stream: EventStream) {
        self.stream = stream
        heart = Task {
          while (try? await Task.sleep(for: stream.heartbeat)) != nil { stream.beat() }
        }
      }

      deinit {
        heart.cancel()
        stream.finish()
      }
    }

    private let reading: Reading

    fileprivate init(_ stream: EventStream) { reading = Reading(stream) }

    package mutating func next() async throws -> [UInt8]? { try await reading.stream.next() }
  }
}
