import Foundation
import Persistence
import Testing

@Suite struct CheckpointStoreTests {
  /// Bytes that no text could hold.
  private func state(_ count: Int, seed: Int = 1) -> Data {
    Data((0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31 &+ seed) ^ ($0 >> 3)) })
  }

  /// A claim on one probe of a job.
  private func claim(
    _ number: Int, trajectory: String? = nil, maxSteps: Int = 1000, in database: Database
  ) async throws -> (claim: ClaimedProbe, job: UUID) {
    let jobs = JobStore(database: database, engineRevision: 1)
    let id = try await jobs.submit(specification: "{}").id
    var asked = request(number)
    asked.trajectory = trajectory ?? asked.trajectory
    asked.maxSteps = maxSteps
    _ = try await jobs.advance(id: id) { [asked] _ in .enqueue([asked], progress: nil) }
    let claim = try await ProbeQueue(database: database, engineRevision: 1).claim(worker: "w")
    return (try #require(claim), id)
  }

  private func objects(_ database: Database) async throws -> Int {
    try await database.query(
      Statement("objects", "SELECT count(*) AS count FROM pg_largeobject_metadata")
    ) { try $0.value("count", as: Int.self) }[0]
  }

  /// The number and the bytes of the states that are kept.
  private func usage(_ database: Database) async throws -> (count: Int, bytes: Int) {
    try await database.query(
      Statement(
        "usage", "SELECT count(*) AS count, coalesce(sum(bytes), 0)::bigint AS bytes FROM checkpoints")
    ) { (try $0.value("count", as: Int.self), try $0.value("bytes", as: Int.self)) }[0]
  }

  @Test(arguments: [1, 99, 100, 101, 128, 1000])
  func statesComeBackBitByBit(count: Int) async throws {
    try await withDatabase { database in
      // What has more than 100 bytes is a large object, in pieces of 64.
      let store = CheckpointStore(database: database, inlineLimit: 100, pieceSize: 64)
      let (claim, _) = try await claim(1, in: database)
      #expect(try await store.latest(for: claim) == nil)
      #expect(!claim.hasCheckpoint)
      let bytes = state(count)
      #expect(try await store.write(claim.fence, steps: 7, state: bytes))
      let kept = try #require(try await store.latest(for: claim))
      #expect(kept.digest == digest(1) && kept.steps == 7)
      #expect(kept.state == bytes)
      #expect(try await objects(database) == (count > 100 ? 1 : 0))
      // The next one takes its place, whichever way it is kept.
      let next = state(150, seed: 2)
      #expect(try await store.write(claim.fence, steps: 9, state: next))
      #expect(try await store.latest(for: claim)?.state == next)
      #expect(try await objects(database) == 1)
      #expect(try await usage(database) == (1, 150))
      try await database.change(Statement("delete", "DELETE FROM checkpoints"))
      #expect(try await store.latest(for: claim) == nil)
      #expect(try await objects(database) == 0)
    }
  }

  @Test func whoLostTheProbeCannotWriteAndTheHeirGoesOn() async throws {
    try await withDatabase { database in
      let store = CheckpointStore(database: database, inlineLimit: 100, pieceSize: 64)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let (late, _) = try await claim(1, in: database)
      #expect(try await store.write(late.fence, steps: 3, state: state(10)))
      #expect(try await queue.takeBack(fromWorkersNamed: "w") == 1)
      // Nobody has it yet: the heir may as well go on from what its last worker knows.
      #expect(try await store.write(late.fence, steps: 4, state: state(50)))
      let heir = try #require(try await queue.claim(worker: "x"))
      #expect(heir.hasCheckpoint)
      #expect(try await store.latest(for: heir)?.steps == 4)
      #expect(try await store.write(late.fence, steps: 5, state: state(500)) == false)
      #expect(try await objects(database) == 0)
      #expect(try await store.latest(for: heir)?.steps == 4)
      #expect(try await store.write(heir.fence, steps: 5, state: state(11)))
      // It ends, and leaves nothing.
      #expect(try await queue.finish(heir, outcome: .fit))
      #expect(try await usage(database) == (0, 0))
    }
  }

  /// The heartbeat that tells a worker to stop has put the probe back before.
  @Test func aPausedJobsProbeIsHandedBackWithItsState() async throws {
    try await withDatabase { database in
      let store = CheckpointStore(database: database, inlineLimit: 100, pieceSize: 64)
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let (first, job) = try await claim(1, in: database)
      _ = try await jobs.pause(job)
      #expect(try await queue.heartbeat(first) == false)
      #expect(try await store.write(first.fence, steps: 8, state: state(500)))
      #expect(try await store.deleteUnneeded(limit: 10_000) == 0)
      _ = try await jobs.resume(job)
      let second = try #require(try await queue.claim(worker: "w"))
      #expect(second.attempt == first.attempt + 1 && second.hasCheckpoint)
      #expect(try await store.latest(for: second)?.state == state(500))
      #expect(try await store.write(first.fence, steps: 9, state: state(500, seed: 2)) == false)
      #expect(try await store.latest(for: second)?.steps == 8)
      // Of a job that was cancelled nobody would go on from it: nothing is sent in vain.
      _ = try await jobs.cancel(job)
      #expect(try await queue.heartbeat(second) == false)
      #expect(try await store.write(second.fence, steps: 9, state: state(500)) == false)
    }
  }

  @Test func aLongerRunGoesOnFromTheEndOfAShorterOne() async throws {
    try await withDatabase { database in
      let store = CheckpointStore(database: database)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let shared = digest(500)
      let (short, _) = try await claim(1, trajectory: shared, maxSteps: 100, in: database)
      #expect(try await store.write(short.fence, steps: 100, state: state(10), isEnd: true))
      #expect(try await queue.finish(short, outcome: .budget, steps: 100))
      #expect(try await usage(database).count == 1)
      let (long, _) = try await claim(2, trajectory: shared, maxSteps: 200, in: database)
      #expect(long.hasCheckpoint)
      #expect(try await store.latest(for: long)?.digest == digest(1))
      // Its own, later one is the better.
      #expect(try await store.write(long.fence, steps: 150, state: state(12)))
      #expect(try await store.latest(for: long)?.digest == digest(2))
      // One with a guard before that end can't use it.
      let (shorter, _) = try await claim(3, trajectory: shared, maxSteps: 99, in: database)
      #expect(!shorter.hasCheckpoint)
      #expect(try await store.latest(for: shorter) == nil)
    }
  }

  @Test func whatNoJobMayGoOnFromIsForgottenAndTheOldestBeyondTheLimit() async throws {
    try await withDatabase { database in
      let store = CheckpointStore(database: database, inlineLimit: 100, pieceSize: 64)
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      var owners: [UUID] = []
      for number in 1...4 {
        let (claim, job) = try await claim(number, in: database)
        #expect(try await store.write(claim.fence, steps: 100, state: state(200), isEnd: true))
        #expect(try await queue.finish(claim, outcome: .budget))
        owners.append(job)
      }
      let (live, _) = try await claim(5, in: database)
      #expect(try await store.write(live.fence, steps: 1, state: state(50)))
      #expect(try await store.deleteUnneeded(limit: 10_000) == 0)
      _ = try await jobs.cancel(owners[2])
      #expect(try await store.deleteUnneeded(limit: 10_000) == 1)
      // Of the ends of 1, 2 and 4 there is room for two; what is under way doesn't count.
      #expect(try await store.deleteUnneeded(limit: 400) == 1)
      let kept = try await database.query(Statement("kept", "SELECT digest FROM checkpoints ORDER BY digest"))
      {
        try $0.value("digest", as: String.self)
      }
      #expect(kept == [2, 4, 5].map(digest))
      #expect(try await objects(database) == 2)
      // A paused job may go on as well.
      _ = try await jobs.pause(owners[1])
      #expect(try await store.deleteUnneeded(limit: 400) == 0)
    }
  }
}
