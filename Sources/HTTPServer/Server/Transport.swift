import FlyingSocks
import Foundation
import Glibc
import Synchronization

/// Why bytes can't be moved.
enum TransportError: Error, Equatable {
  /// The deadline of the operation has passed.
  case timedOut
  /// The peer closed its side (reading) or is gone.
  case disconnected
  /// The server gives up the connection.
  case cancelled
}

/// One accepted socket and the deadline of what it is doing. The connection's task alone reads and writes;
/// the deadline watch and the shutdown wake it, through `shutdown(2)` or by cancelling its wait, and never
/// close.
final class Transport: Sendable {
  private enum Wait {
    /// For the first byte of a request: what a graceful shutdown may end at once.
    case idle
    case reading
    case writing
  }

  private struct State {
    var wait: (kind: Wait, deadline: ContinuousClock.Instant)?
    /// What a reader waits for, where its deadline must leave the socket as it is.
    var readiness: Task<Void, any Error>?
    var endsWhenIdle = false
    var readTimedOut = false
    var writeTimedOut = false
    var isClosed = false
    /// That of the request whose handler runs.
    var request: RequestDeadline?
  }

  let remoteAddress: String
  /// Whom the connection is counted to: the address without its port, of IPv6 the first half, which is one
  /// site's; nil where there is none.
  let client: String?
  private let socket: Socket
  private let pool: any AsyncSocketPool
  private let state = Mutex(State())

  /// The most that one system call moves.
  static let pieceBytes = 65_536

  /// The most that waits in the kernel for a client that doesn't read: without a limit it would take megabytes of each
  /// connection, and a thousand slow readers the processor while it does.
  private static let unsentBytes: Int32 = 65_536

  init(_ socket: Socket, pool: any AsyncSocketPool) {
    self.socket = socket
    self.pool = pool
    // Small responses go out at once instead of waiting for an acknowledgement.
    try? socket.setValue(true, for: BoolSocketOption(level: Int32(IPPROTO_TCP), name: TCP_NODELAY))
    try? socket.setValue(
      Self.unsentBytes, for: Int32SocketOption(level: Int32(IPPROTO_TCP), name: TCP_NOTSENT_LOWAT))
    switch try? socket.remotePeer() {
    case .ip4(let host, let port): (remoteAddress, client) = ("\(host):\(port)", host)
    case .ip6(let host, let port): (remoteAddress, client) = ("[\(host)]:\(port)", Self.site(host))
    case .unix: (remoteAddress, client) = ("unix", nil)
    case nil: (remoteAddress, client) = ("unknown", nil)
    }
  }

  /// The first 64 bits of an IPv6 address; an IPv4 one that is written as such stays itself.
  private static func site(_ host: String) -> String {
    if host == "::1" || host.hasPrefix("::ffff:") { return host.replacing("::ffff:", with: "") }
    var address = in6_addr()
    guard inet_pton(AF_INET6, host, &address) == 1 else { return host }
    return withUnsafeBytes(of: &address) { $0.prefix(8).map { String($0, radix: 16) }.joined(separator: ":") }
  }

  /// Reads what is there, at most `maximum` bytes, or waits until there is something or the deadline passes.
  func read(
    atMost maximum: Int, by deadline: ContinuousClock.Instant, idle: Bool = false
  ) async throws(TransportError) -> [UInt8] {
    defer { disarm() }
    var isArmed = false
    while true {
      do {
        if Task.isCancelled { throw CancellationError() }
        if state.withLock(\.readTimedOut) { throw TransportError.timedOut }
        return try socket.read(atMost: maximum)
      } catch SocketError.blocked {
        if !isArmed {
          arm(idle ? .idle : .reading, deadline)
          isArmed = true
        }
        if idle { try await wait(for: .read) } else { try await waitToRead() }
      } catch {
        // The deadline ends an idle wait by ending the side that reads, which looks like the peer's end.
        if state.withLock(\.readTimedOut) { throw .timedOut }
        try translate(error)
      }
    }
  }

  /// Hands all bytes to the network; each piece of 64 KiB has `allowance` to go.
  func write(_ bytes: [UInt8], within allowance: Duration) async throws(TransportError) {
    defer { disarm() }
    var start = 0
    while start < bytes.count {
      let piece = Data(bytes[start..<min(bytes.count, start + Self.pieceBytes)])
      var sent = 0
      var isArmed = false
      while sent < piece.count {
        do {
          if state.withLock(\.writeTimedOut) { throw TransportError.timedOut }
          sent = try socket.write(piece, from: sent)
        } catch SocketError.blocked {
          if !isArmed {
            arm(.writing, .now + allowance)
            isArmed = true
          }
          try await wait(for: .write)
        } catch {
          if state.withLock(\.writeTimedOut) { throw .timedOut }
          try translate(error)
        }
      }
      start += piece.count
      if isArmed { disarm() }
    }
  }

  /// Writes what goes without waiting: a last word to a client that isn't waited for.
  func writeAtOnce(_ bytes: [UInt8]) {
    _ = try? socket.write(Data(bytes))
  }

  /// Tells the peer that nothing more is coming, and drops what it still sends until it closes too or the
  /// time is up.
  func drain(for duration: Duration) async {
    shutDown(SHUT_WR)
    state.withLock { $0.readTimedOut = false }
    let deadline = ContinuousClock.now + duration
    while ContinuousClock.now < deadline, (try? await read(atMost: Self.pieceBytes, by: deadline)) != nil {}
  }

  private func wait(for events: Socket.Events) async throws(TransportError) {
    do {
      try await pool.suspendSocket(socket, untilReadyFor: events)
    } catch SocketError.disconnected {
      // Perhaps an event of the connection that had this descriptor before: the next read or write tells.
    } catch {
      try translate(error)
    }
  }

  /// Can be ended without harm to the socket: the client is still to read why, and its bytes are still to be
  /// dropped. A task more than the wait between requests, which is simply closed.
  private func waitToRead() async throws(TransportError) {
    let readiness = Task { [pool, socket] in try await pool.suspendSocket(socket, untilReadyFor: .read) }
    let isLate = state.withLock { state in
      state.readiness = readiness
      return state.readTimedOut
    }
    if isLate { readiness.cancel() }
    let result = await withTaskCancellationHandler {
      await readiness.result
    } onCancel: {
      readiness.cancel()
    }
    let hasTimedOut = state.withLock { state in
      state.readiness = nil
      return state.readTimedOut
    }
    if hasTimedOut { throw .timedOut }
    do { try result.get() } catch SocketError.disconnected {} catch { try translate(error) }
  }

  private func translate(_ error: any Error) throws(TransportError) {
    if let error = error as? TransportError { throw error }
    if error is CancellationError { throw .cancelled }
    throw .disconnected
  }

  private func arm(_ kind: Wait, _ deadline: ContinuousClock.Instant) {
    state.withLock { state in
      state.wait = (kind, deadline)
      if kind == .idle, state.endsWhenIdle { _ = shutdown(socket.file.rawValue, Int32(SHUT_RD)) }
    }
  }

  private func disarm() {
    state.withLock { $0.wait = nil }
  }

  private func shutDown(_ side: Int) {
    state.withLock { state in
      // Under the lock: a closed descriptor's number may belong to another connection already.
      if !state.isClosed { _ = shutdown(socket.file.rawValue, Int32(side)) }
    }
  }

  /// Breaks off what has passed its deadline; answers the deadline that is still to come. A reader can still
  /// write; a writer that got nowhere in time has lost both sides.
  func expire(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    let request = state.withLock(\.request)?.expire(at: now)
    let wait = expireWait(at: now)
    return [request, wait].compactMap { $0 }.min()
  }

  /// Puts a request's deadline under the watch, in place of the last one's.
  func watch(_ deadline: RequestDeadline) {
    state.withLock { $0.request = deadline }
  }

  private func expireWait(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    state.withLock { state in
      guard let (kind, deadline) = state.wait, !state.isClosed else { return nil }
      guard deadline <= now else { return deadline }
      state.wait = nil
      state.readTimedOut = true
      switch kind {
      case .idle: _ = shutdown(socket.file.rawValue, Int32(SHUT_RD))
      case .reading: state.readiness?.cancel()
      case .writing:
        state.writeTimedOut = true
        _ = shutdown(socket.file.rawValue, Int32(SHUT_RDWR))
      }
      return nil
    }
  }

  /// Ends a wait for a request that hasn't begun, this one or the next; bytes already received are still
  /// read.
  func endWhenIdle() {
    state.withLock { state in
      state.endsWhenIdle = true
      if let wait = state.wait, wait.kind == .idle, !state.isClosed {
        _ = shutdown(socket.file.rawValue, Int32(SHUT_RD))
      }
    }
  }

  /// Breaks off whatever is going on.
  func abort() { shutDown(SHUT_RDWR) }

  func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      try? socket.close()
    }
  }
}
