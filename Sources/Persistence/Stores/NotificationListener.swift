import Foundation
import Logging
import Synchronization

/// Listens (LISTEN/NOTIFY) on a connection and a thread of its own, and connects again when they break.
///
/// Delivery is at most once: what is announced while there is no connection is lost (`.connected` tells),
/// and a subscriber that doesn't keep up loses the oldest. Whoever must not miss anything polls as well.
package final class NotificationListener: Sendable {
  private struct State {
    var subscribers: [UUID: AsyncStream<DatabaseEvent>.Continuation] = [:]
    var isConnected = false
    var isClosed = false
  }

  private let url: String
  private let logger: Logger
  private let state = Mutex(State())
  private let wake: WakePipe

  /// Starts listening to the database of a URL.
  package init(url: String, logger: Logger) throws(DatabaseError) {
    try Session.validate(url: url)
    self.url = url
    self.logger = logger
    wake = WakePipe()
    _ = SerialThread(name: "postgres-listen").submit { [self] in run() }
  }

  /// The events from now on, the newest 4,096 kept for a slow reader; `.connected` comes first, once there
  /// is a connection. The stream ends when the listener is closed. Any number of streams may be taken.
  package func events() -> AsyncStream<DatabaseEvent> {
    AsyncStream(bufferingPolicy: .bufferingNewest(4096)) { continuation in
      let key = UUID()
      let isClosed = state.withLock { state in
        guard !state.isClosed else { return true }
        state.subscribers[key] = continuation
        if state.isConnected { continuation.yield(.connected) }
        return false
      }
      if isClosed { continuation.finish() }
      continuation.onTermination = { [weak self] _ in
        self?.state.withLock { _ = $0.subscribers.removeValue(forKey: key) }
      }
    }
  }

  /// Ends every stream and the connection. The thread holds the listener until this is called.
  package func close() {
    let subscribers = state.withLock { state in
      state.isClosed = true
      defer { state.subscribers = [:] }
      return state.subscribers.values.map { $0 }
    }
    for subscriber in subscribers { subscriber.finish() }
    wake.signal()
  }

  private static let limits = DatabaseLimits(connection: .seconds(5), statement: .seconds(5))
  /// Milliseconds after which a silent connection is tried.
  private static let silence: Int32 = 3_000

  private var isClosed: Bool { state.withLock { $0.isClosed } }

  private func run() {
    var backoff = Backoff()
    while !isClosed {
      do {
        let session = try Session(url: url, limits: Self.limits) { [weak self] in self?.isClosed ?? true }
        for channel in DatabaseEvent.channels {
          try session.query(Statement("listen", "LISTEN \(channel)", isPrepared: false))
        }
        backoff.reset()
        publish(.connected)
        while !isClosed {
          if !session.waitUntilReadable(milliseconds: Self.silence, or: wake.readEnd) {
            // Nothing was heard for a while: is the server still there?
            try session.query(Statement("ping", "SELECT 1"))
          }
          for (channel, payload) in try session.takeNotifications() {
            if let event = DatabaseEvent(channel: channel, payload: payload) { publish(event) }
          }
        }
      } catch {
        publish(.disconnected)
        let wait = backoff.next()
        logger.warning(
          "not listening to the database", metadata: ["reason": "\(error)", "retry_after": "\(wait)"])
        wake.wait(for: wait)
      }
    }
  }

  /// Called on the listener's thread alone, so that events keep their order.
  private func publish(_ event: DatabaseEvent) {
    let subscribers: [AsyncStream<DatabaseEvent>.Continuation] = state.withLock { state in
      if event == .connected { state.isConnected = true }
      if event == .disconnected {
        // Once, however often connecting fails.
        guard state.isConnected else { return [] }
        state.isConnected = false
      }
      return Array(state.subscribers.values)
    }
    // Not under the lock: to yield locks the status of the task that reads, and a task that is being cancelled holds its
    // status while its stream's `onTermination` waits for this lock.
    for subscriber in subscribers { subscriber.yield(event) }
  }
}

/// A pipe whose read end becomes, and stays, readable at the first signal.
private final class WakePipe: Sendable {
  let readEnd: Int32
  private let writeEnd: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    let made = pipe(&ends)
    precondition(made == 0, "no descriptor is left for a pipe")
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  func signal() {
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  func wait(for duration: Duration) {
    var descriptor = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
    _ = poll(&descriptor, 1, Int32(duration.seconds * 1000))
  }
}
