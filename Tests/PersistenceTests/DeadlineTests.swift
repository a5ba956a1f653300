import Foundation
import Persistence
import Synchronization
import Testing

/// Nothing waits for a database longer than its limits say.
@Suite struct DeadlineTests {
  /// Long enough for a busy machine to connect and to begin, and far below what the statements would take.
  private static let hasty = DatabaseLimits(connection: .seconds(120), statement: .seconds(3))

  /// The error of something that must fail; the tests' time limits see that it does.
  private func error(of body: () async throws -> Void) async -> DatabaseError? {
    do {
      try await body()
      return nil
    } catch {
      return error as? DatabaseError
    }
  }

  @Test(.timeLimit(.minutes(5))) func aStatementWithoutAnAnswerIsGivenUp() async throws {
    try await withEmptyDatabase { database in
      let hasty = try Database(url: database.url, poolSize: 1, limits: Self.hasty, logger: quiet)
      let sleep = Statement("sleep", "SELECT pg_sleep(600)::text AS slept")
      #expect(
        await error { _ = try await hasty.query(sleep) { _ in true } }
          == .timedOut(statement: "sleep", mayHaveCommitted: false))
      // Before COMMIT was sent nothing can have been committed.
      #expect(
        await error { try await hasty.transaction { _ = try $0.query(sleep) } }
          == .timedOut(statement: "sleep", mayHaveCommitted: false))
      // The connection is made anew, and the server doesn't go on with what nobody waits for.
      try await hasty.ping()
      let running = Statement(
        "running",
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(600)%' "
          + "AND state = 'active' AND pid <> pg_backend_pid()")
      _ = try await eventually("the server ends the statements") {
        try await database.query(running) { _ in true }.isEmpty ? true : nil
      }
      await hasty.close()
    }
  }

  // A server of another user or machine can't be frozen from here.
  @Test(
    .timeLimit(.minutes(5)),
    .enabled(
      if: ProcessInfo.processInfo.environment["EMC_TEST_DATABASE_URL"] == nil,
      "the server of EMC_TEST_DATABASE_URL is not this run's own"))
  func aFrozenServerIsGivenUp() async throws {
    try await withEmptyDatabase { database in
      let hasty = try Database(url: database.url, poolSize: 1, limits: Self.hasty, logger: quiet)
      let backend = try await hasty.query(Statement("pid", "SELECT pg_backend_pid() AS pid")) {
        try $0.value("pid", as: Int.self)
      }[0]
      try #require(kill(pid_t(backend), SIGSTOP) == 0)
      defer { kill(pid_t(backend), SIGCONT) }
      #expect(
        await error { try await hasty.ping() } == .timedOut(statement: "ping", mayHaveCommitted: true))
      try await hasty.ping()
      await hasty.close()
    }
  }

  /// A server that takes connections and never says a word, as a frozen one does.
  @Test(.timeLimit(.minutes(5))) func aServerThatSaysNothingIsUnreachable() async throws {
    let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && listen(socket, 8) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
    try #require(isListening)
    let port = UInt16(bigEndian: address.sin_port)
    let database = try Database(
      url: "postgresql://emc@127.0.0.1:\(port)/emc", poolSize: 1,
      limits: DatabaseLimits(connection: .milliseconds(300), statement: nil), logger: quiet)
    guard case .unreachable = await error(of: { try await database.ping() }) else {
      Issue.record("not given up as unreachable")
      return
    }
    await database.close()
  }

  @Test(.timeLimit(.minutes(5))) func whoWaitsForAConnectionWaitsNoLonger() async throws {
    try await withEmptyDatabase { database in
      let hasty = try Database(
        url: database.url, poolSize: 1,
        limits: DatabaseLimits(connection: .milliseconds(300), statement: nil), logger: quiet)
      // A busy machine may need longer than that to connect: this is about a connection that stands.
      _ = try await eventually("the server is reached") { (try? await hasty.ping()).map { true } }
      let gate = Gate()
      let isTaken = Mutex(false)
      async let holder: Void = hasty.withConnection { _ in
        isTaken.withLock { $0 = true }
        gate.wait()
      }
      _ = try await eventually("the connection is taken") { isTaken.withLock { $0 } ? true : nil }
      #expect(
        await error { try await hasty.ping() } == .unreachable(reason: "every connection is busy"))
      gate.open()
      try await holder
      try await hasty.ping()
      await hasty.close()
    }
  }

  @Test(.timeLimit(.minutes(5))) func whatRunsIsGivenUpWhenAllIs() async throws {
    try await withEmptyDatabase { database in
      let patient = try Database(
        url: database.url, poolSize: 1, limits: DatabaseLimits(connection: .seconds(600), statement: nil),
        logger: quiet)
      let begun = Counter()
      let slow = Task {
        try await patient.withConnection { session in
          begun.increment()
          _ = try session.query(Statement("sleep", "SELECT pg_sleep(600)::text"))
        }
      }
      _ = try await eventually("the statement begins") { begun.value == 1 ? true : nil }
      patient.giveUp()
      await #expect(throws: DatabaseError.timedOut(statement: "sleep", mayHaveCommitted: true)) {
        try await slow.value
      }
      await patient.close()
    }
  }

  /// Also what others changed at the same time: the statement has no fault, and can be tried again later.
  @Test func aFullDiskAndAServerInTroubleAreOutages() {
    func refused(_ state: String) -> DatabaseError {
      .refused(statement: "s", state: SQLState(rawValue: state), message: "m", constraint: nil)
    }
    for state in [
      "53100", "53200", "53300", "57014", "57P01", "57P03", "58030", "XX001", "25006", "40001", "40P01",
    ] {
      #expect(refused(state).isOutage, "\(state)")
      #expect(refused(state).isOutOfSpace == (state == "53100"), "\(state)")
    }
    for state in ["23505", "23514", "22P02", "42P01"] {
      #expect(!refused(state).isOutage, "\(state)")
    }
  }
}
