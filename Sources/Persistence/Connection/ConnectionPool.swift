import Foundation
import Synchronization

/// Lends connections, one borrower each, in order of arrival.
final class ConnectionPool: Sendable {
  private struct State {
    var idle: [Connection]
    var busy: [ObjectIdentifier: Connection] = [:]
    var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Connection, any Error>)] = []
    /// Tickets whose task was cancelled before it came to wait.
    var cancelled: Set<UInt64> = []
    var nextTicket: UInt64 = 0
    var isClosed = false
    var isGivenUp = false
    var closers: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  init(connections: [Connection]) {
    state = Mutex(State(idle: connections))
  }

  /// Whether nothing is waited for any more.
  var isOver: Bool { state.withLock { $0.isClosed || $0.isGivenUp } }

  /// A connection that is the caller's until `release`. Throws `CancellationError`, `.closed`, and
  /// `.unreachable` when none becomes free in time.
  func acquire(within limit: Duration) async throws -> Connection {
    try Task.checkCancellation()
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    // A cancellation that comes after the connection was granted leaves its mark behind.
    defer { state.withLock { _ = $0.cancelled.remove(ticket) } }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        state.withLock { state in
          if state.cancelled.remove(ticket) != nil {
            continuation.resume(throwing: CancellationError())
          } else if state.isClosed {
            continuation.resume(throwing: DatabaseError.closed)
          } else if let connection = state.idle.popLast() {
            state.busy[ObjectIdentifier(connection)] = connection
            continuation.resume(returning: connection)
          } else {
            state.waiting.append((ticket, continuation))
            Task.detached { [weak self] in
              try await Task.sleep(for: limit)
              self?.leaveLine(ticket, DatabaseError.unreachable(reason: "every connection is busy"))
            }
          }
        }
      }
    } onCancel: {
      if !leaveLine(ticket, CancellationError()) { state.withLock { _ = $0.cancelled.insert(ticket) } }
    }
  }

  /// Ends the wait of who has a ticket; false where nobody waits with it.
  @discardableResult
  private func leaveLine(_ ticket: UInt64, _ error: any Error) -> Bool {
    state.withLock { state in
      guard let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) else { return false }
      state.waiting.remove(at: index).continuation.resume(throwing: error)
      return true
    }
  }

  /// Gives a connection back, to whoever has waited longest.
  func release(_ connection: Connection) {
    state.withLock { state in
      if state.isClosed {
        state.busy[ObjectIdentifier(connection)] = nil
        connection.close()
        if state.busy.isEmpty {
          for closer in state.closers { closer.resume() }
          state.closers = []
        }
      } else if state.waiting.isEmpty {
        state.busy[ObjectIdentifier(connection)] = nil
        state.idle.append(connection)
      } else {
        state.waiting.removeFirst().continuation.resume(returning: connection)
      }
    }
  }

  /// How many connections are lent and not, and how many callers wait for one.
  var usage: PoolUsage {
    state.withLock { PoolUsage(idle: $0.idle.count, busy: $0.busy.count, waiting: $0.waiting.count) }
  }

  /// Lets every connection wait for the server no longer.
  func giveUp() {
    let connections = state.withLock { state in
      state.isGivenUp = true
      return state.idle + state.busy.values
    }
    for connection in connections { connection.giveUp() }
  }

  /// Closes idle connections, refuses those who wait, and returns when the last borrower has released.
  func close(grace: Duration) async {
    state.withLock { state in
      state.isClosed = true
      for connection in state.idle { connection.close() }
      state.idle = []
      for waiter in state.waiting { waiter.continuation.resume(throwing: DatabaseError.closed) }
      state.waiting = []
    }
    let reminder = Task { [weak self] in
      try await Task.sleep(for: grace)
      let busy = self?.state.withLock { Array($0.busy.values) } ?? []
      // PQcancel blocks, so it goes to a thread of its own.
      _ = SerialThread(name: "postgres-cancel").submit {
        for connection in busy { connection.cancelRunning() }
      }
      try await Task.sleep(for: .milliseconds(500))
      for connection in busy { connection.giveUp() }
    }
    await withCheckedContinuation { continuation in
      state.withLock { state in
        if state.busy.isEmpty { continuation.resume() } else { state.closers.append(continuation) }
      }
    }
    reminder.cancel()
  }
}

/// What a pool's connections do.
package struct PoolUsage: Sendable, Hashable {
  package let idle: Int
  package let busy: Int
  /// Callers that wait for a connection.
  package let waiting: Int
}
