import Foundation
import Synchronization

/// Lends connections, one borrower each, in order of arrival.
///
/// Nobody is resumed under the lock: to resume locks the status of a task, and a task that is being cancelled holds its
/// status while `onCancel` waits for this lock.
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
        let answer = state.withLock { state -> Result<Connection, any Error>? in
          if state.cancelled.remove(ticket) != nil { return .failure(CancellationError()) }
          if state.isClosed { return .failure(DatabaseError.closed) }
          if let connection = state.idle.popLast() {
            state.busy[ObjectIdentifier(connection)] = connection
            return .success(connection)
          }
          state.waiting.append((ticket, continuation))
          return nil
        }
        if let answer { return continuation.resume(with: answer) }
        Task.detached { [weak self] in
          try await Task.sleep(for: limit)
          self?.leaveLine(ticket, DatabaseError.unreachable(reason: "every connection is busy"))
        }
      }
    } onCancel: {
      if !leaveLine(ticket, CancellationError()) { state.withLock { _ = $0.cancelled.insert(ticket) } }
    }
  }

  /// Ends the wait of who has a ticket; false where nobody waits with it.
  @discardableResult
  private func leaveLine(_ ticket: UInt64, _ error: any Error) -> Bool {
    let waiter = state.withLock { state in
      state.waiting.firstIndex { $0.ticket == ticket }.map { state.waiting.remove(at: $0).continuation }
    }
    waiter?.resume(throwing: error)
    return waiter != nil
  }

  /// Gives a connection back, to whoever has waited longest.
  func release(_ connection: Connection) {
    let (next, closers) = state.withLock {
      state -> (CheckedContinuation<Connection, any Error>?, [CheckedContinuation<Void, Never>]) in
      if !state.isClosed && !state.waiting.isEmpty { return (state.waiting.removeFirst().continuation, []) }
      state.busy[ObjectIdentifier(connection)] = nil
      guard state.isClosed else {
        state.idle.append(connection)
        return (nil, [])
      }
      connection.close()
      guard state.busy.isEmpty else { return (nil, []) }
      defer { state.closers = [] }
      return (nil, state.closers)
    }
    next?.resume(returning: connection)
    for closer in closers { closer.resume() }
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
    let refused = state.withLock { state in
      state.isClosed = true
      for connection in state.idle { connection.close() }
      state.idle = []
      defer { state.waiting = [] }
      return state.waiting.map(\.continuation)
    }
    for waiter in refused { waiter.resume(throwing: DatabaseError.closed) }
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
      let isEmpty = state.withLock { state in
        if !state.busy.isEmpty { state.closers.append(continuation) }
        return state.busy.isEmpty
      }
      if isEmpty { continuation.resume() }
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
