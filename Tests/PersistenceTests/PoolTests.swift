import Foundation
import Persistence
import Synchronization
import Testing

@Suite struct PoolTests {
  /// Occupies a connection until the semaphore is signalled.
  private func occupy(_ database: Database, until gate: Gate) async throws -> Task<
    Void, any Error
  > {
    let begun = Counter()
    let task = Task {
      try await database.withConnection { _ in
        begun.increment()
        gate.wait()
      }
    }
    _ = try await eventually("the connection is taken") { begun.value == 1 ? true : nil }
    return task
  }

  @Test func atMostItsSizeRunAtOnce() async throws {
    try await withEmptyDatabase(poolSize: 3) { database in
      let occupancy = Occupancy()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<30 {
          group.addTask {
            try await database.withConnection { session in
              occupancy.enter()
              try session.query(Statement("rest", "SELECT pg_sleep(0.005)::text"))
              occupancy.leave()
            }
          }
        }
        try await group.waitForAll()
      }
      #expect((1...3).contains(occupancy.most))
      let sessions = Statement(
        "count", "SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database()")
      let count = try await database.query(sessions) { try $0.value("count", as: Int.self) }
      #expect((1...3).contains(try #require(count.first)))
    }
  }

  @Test func aCancelledTaskLeavesTheLine() async throws {
    try await withEmptyDatabase(poolSize: 1) { database in
      let gate = Gate()
      let holder = try await occupy(database, until: gate)
      let waiter = Task { try await database.ping() }
      waiter.cancel()
      await #expect(throws: CancellationError.self) { try await waiter.value }
      // The connection is not lost with the one who gave up.
      gate.open()
      try await holder.value
      try await database.ping()
    }
  }

  @Test func closingLetsWorkEndAndRefusesTheRest() async throws {
    try await withEmptyDatabase(poolSize: 1) { database in
      let gate = Gate()
      let holder = try await occupy(database, until: gate)
      let waiter = Task { try await database.ping() }
      let closing = Task { await database.close() }
      await #expect(throws: DatabaseError.closed) { try await waiter.value }
      await #expect(throws: DatabaseError.closed) { try await database.ping() }
      gate.open()
      try await holder.value
      await closing.value
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func closingCancelsAStatementThatTakesTooLong() async throws {
    try await withEmptyDatabase(poolSize: 1) { database in
      let begun = Counter()
      let slow = Task {
        try await database.withConnection { session in
          begun.increment()
          _ = try session.query(Statement("sleep", "SELECT pg_sleep(600)::text"))
        }
      }
      _ = try await eventually("the connection is taken") { begun.value == 1 ? true : nil }
      // Only a statement that the server has begun can be cancelled.
      let other = try Database(url: database.url, poolSize: 1, logger: quiet)
      let sleeping = Statement(
        "see", "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'")
      _ = try await eventually("the server sleeps") { try await other.query(sleeping) { _ in true }.first }
      await other.close()
      await database.close(grace: .milliseconds(10))
      await #expect {
        try await slow.value
      } throws: { error in
        guard case DatabaseError.refused(_, .queryCancelled, _, _) = error else { return false }
        return true
      }
    }
  }
}

/// How many are inside at once.
private final class Occupancy: Sendable {
  private let state = Mutex((now: 0, most: 0))

  var most: Int { state.withLock { $0.most } }

  func enter() {
    state.withLock { state in
      state.now += 1
      state.most = max(state.most, state.now)
    }
  }

  func leave() { state.withLock { $0.now -= 1 } }

  /// Many who wait are cancelled while the pool that refuses them is closed: two locks are taken then, by two threads. Hangs
  /// where anybody is resumed under the pool's.
  @Test func thoseWhoWaitAreCancelledWhileThePoolIsClosed() async throws {
    for _ in 0..<12 {
      try await withEmptyDatabase(poolSize: 1) { database in
        let gate = Gate()
        async let holder: Void = database.withConnection { _ in gate.wait() }
        _ = try await eventually("the connection is lent") { database.usage.busy == 1 ? true : nil }
        let callers = (0..<1000).map { _ in Task { try await database.withConnection { _ in } } }
        _ = try await eventually("all wait") { database.usage.waiting == callers.count ? true : nil }
        async let cancelled: Void = { for caller in callers { caller.cancel() } }()
        async let closed: Void = database.close()
        await cancelled
        gate.open()
        _ = try? await holder
        await closed
        for caller in callers { await #expect(throws: (any Error).self) { try await caller.value } }
        #expect(database.usage.busy == 0 && database.usage.waiting == 0)
      }
    }
  }
}
