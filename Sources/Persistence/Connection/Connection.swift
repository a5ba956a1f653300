import Synchronization

/// One place of the pool: a session and the thread that owns it. Opens the session when it is first
/// needed, and again after it broke.
final class Connection: Sendable {
  private let url: String
  private let thread: SerialThread
  private let confined = Confined()
  private let canceller = Mutex<Canceller?>(nil)
  private let isGivenUp = Atomic(false)

  init(url: String, name: String) {
    self.url = url
    thread = SerialThread(name: name)
  }

  /// Runs a closure with an open session on the connection's thread. Once begun it runs to its end,
  /// cancelled task or not: a statement's effect stays known.
  ///
  /// - Parameter limits: what stands under `connection` is the time that is left for connecting.
  func perform<T: Sendable>(
    _ limits: DatabaseLimits, _ body: @escaping @Sendable (Session) throws -> T
  ) async throws -> T {
    try await thread.run { [self] in
      let session = try openSession(limits)
      defer {
        // A body that left a transaction open must not hand it to the next one.
        if !session.isUsable || session.isInTransaction { dropSession() }
      }
      return try body(session)
    }
  }

  /// Closes the session once what runs has ended, and ends the thread.
  func close() {
    _ = thread.submit { [self] in dropSession() }
    thread.stop()
  }

  /// Asks the server to cancel what runs. Blocks.
  func cancelRunning() {
    canceller.withLock { $0 }?.cancel()
  }

  /// Waits for the server no longer: what runs ends with an error at once.
  func giveUp() { isGivenUp.store(true, ordering: .relaxed) }

  private func openSession(_ limits: DatabaseLimits) throws(DatabaseError) -> Session {
    if let session = confined.session, session.isAlive() { return session }
    dropSession()
    let session = try Session(url: url, limits: limits) { [weak self] in
      self?.isGivenUp.load(ordering: .relaxed) ?? true
    }
    confined.session = session
    canceller.withLock { $0 = session.canceller }
    return session
  }

  private func dropSession() {
    confined.session = nil
    canceller.withLock { $0 = nil }
  }

  /// Touched on the connection's thread alone.
  private final class Confined: @unchecked Sendable {
    var session: Session?
  }
}
