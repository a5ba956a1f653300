import Foundation
import Logging

/// The queue of probes, shared by the workers of every process that reaches the database.
///
/// A worker holds a probe by a lease, which its heartbeats extend; when the lease has run out, `reclaim` puts
/// the probe back. Every claim has a new attempt number, and whoever holds an older one can't write. Claims
/// follow turns: the probes of a job that asks for many alternate with those of others.
package struct ProbeQueue: Sendable {
  let database: Database
  /// The revision of the engine that this process trains with: no other's probes are claimed.
  package let engineRevision: Int
  private let lease: Duration
  private let crashLimit: Int

  /// A queue on a migrated database.
  /// - Parameters:
  ///   - lease: how long a probe stays with a worker that gives no sign of life.
  ///   - crashLimit: a probe whose lease ran out this often in a row is given up: it and the jobs that
  ///     want it fail. It is generous, since a killed machine is not the probe's fault.
  package init(
    database: Database, engineRevision: Int, lease: Duration = .seconds(30), crashLimit: Int = 10
  ) {
    precondition(lease > .zero && crashLimit > 0)
    self.database = database
    self.engineRevision = engineRevision
    self.lease = lease
    self.crashLimit = crashLimit
  }

  /// The first probes of the queue, at most `limit`, now the worker's. The jobs that want them run from then on.
  package func claim(_ claimant: ProbeClaimant, limit: Int) async throws -> [ClaimedProbe] {
    let claimed = try await database.change(
      ProbeStatements.claim, claimant.worker, lease.seconds, engineRevision, limit, claimant.memory,
      claimant.lackingDatasets
    ) { row in
      (probe: try ClaimedProbe(row), isIncomplete: try row.value("is_incomplete", as: Bool.self))
    }
    let probes = claimed.map(\.probe)
    if claimed.contains(where: \.isIncomplete) {
      do {
        try await database.change(ProbeStatements.start, probes.map(\.digest))
      } catch {
        // The claim stands. A job that doesn't begin now does when it is advanced next.
        database.logger.debug("jobs did not begin with their probes", metadata: ["reason": "\(error)"])
      }
    }
    return probes
  }

  /// Puts the probes back into the queue whose lease has run out, or gives them up after too many crashes.
  /// Who has just been cut off from the database isn't to call it before the others had time to extend their
  /// leases. Returns their digests.
  @discardableResult
  package func reclaim() async throws -> [String] {
    try await database.change(ProbeStatements.reclaim, crashLimit) { try $0.value("digest") }
  }

  /// Extends leases. Training is to stop on those that are not among the answer: the probe was lost to
  /// another worker, or no live job wants it any more. Then it is back already, and nothing but its state is left to
  /// be written, as long as nobody else has claimed it.
  package func heartbeat(_ claims: [ClaimedProbe]) async throws -> Set<String> {
    guard !claims.isEmpty else { return [] }
    let beaten = try await database.change(
      ProbeStatements.heartbeat, claims.map(\.digest), claims.map(\.attempt), lease.seconds
    ) { try $0.value("wanted") ? $0.value("digest", as: String.self) : nil }
    return Set(beaten.compactMap(\.self))
  }

  /// Stores how probes ended, all or none. Those that are not among the answer were no longer this attempt's:
  /// nothing was written of them.
  package func finish(_ ends: [(claim: ProbeFence, measurement: ProbeMeasurement)]) async throws -> Set<
    String
  > {
    guard !ends.isEmpty else { return [] }
    let (claims, measured) = (ends.map(\.claim), ends.map(\.measurement))
    let recorded = try await database.change(
      ProbeStatements.finish, claims.map(\.digest), claims.map(\.attempt),
      NullableArray(measured.map(\.outcome)),
      NullableArray(measured.map(\.verdict)), measured.map(\.steps), measured.map(\.seconds),
      measured.map(\.backend), measured.map(\.kernels), measured.map(\.report),
      measured.map { $0.diagnosis.joined(separator: ",") }, measured.map(\.reached)
    ) { try $0.value("digest", as: String.self) }
    return Set(recorded)
  }

  /// Gives the probe back untrained. False if it was no longer this attempt's.
  @discardableResult
  package func handBack(_ claim: ClaimedProbe) async throws -> Bool {
    try await database.change(ProbeStatements.handBack, claim.digest, claim.attempt) > 0
  }

  /// Marks a probe that can't be run; the jobs that want it fail with this error when they advance. A job
  /// that asks for it later has it tried again. False if it was no longer this attempt's.
  @discardableResult
  package func fail(_ fence: ProbeFence, error: String) async throws -> Bool {
    try await database.change(ProbeStatements.fail, fence.digest, fence.attempt, error) > 0
  }

  /// Ends the leases of workers whose name begins with a prefix, for a process that knows its predecessor
  /// to be dead, and takes their probes back at once. Returns how many there were.
  @discardableResult
  package func takeBack(fromWorkersNamed prefix: String) async throws -> Int {
    try await database.transaction { [crashLimit] session in
      let count = try session.query(ProbeStatements.expireLeases, prefix).changedCount
      try session.query(ProbeStatements.reclaim, crashLimit)
      return count
    }
  }

  /// How many probes the workers whose name begins with a prefix have or could have: those that they train,
  /// and those that wait for a worker, counted up to a thousand.
  package func demand(ofWorkersNamed prefix: String) async throws -> Int {
    try await database.query(ProbeStatements.demand, prefix, engineRevision) { row in
      try row.value("count", as: Int.self)
    }.first ?? 0
  }

  /// Tells those who listen how far probes under way are, each for every running job that wants it.
  package func announceTraining(_ news: [TrainingNews]) async throws {
    try await database.change(
      ProbeStatements.announceTraining, news.map(\.digest), news.map(\.steps),
      NullableArray(news.map { $0.loss.isFinite ? $0.loss : nil }),
      NullableArray(news.map { $0.accuracy.isFinite ? $0.accuracy : nil }))
  }

  /// Says that a process with this revision lives, as it is to do every few seconds.
  package func announceProcess(named name: String, workers: Int, isNew: Bool) async throws {
    try await database.change(ProbeStatements.seen, name, engineRevision, workers, isNew)
    if isNew { try await database.change(ProbeStatements.deleteOldProcesses) }
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// How far a probe under way is.
package struct TrainingNews: Sendable, Hashable {
  package let digest: String
  /// Steps taken.
  package let steps: Int
  /// The last epoch's mean loss.
  package let loss: Double
  /// The last epoch's running accuracy.
  package let accuracy: Double

  /// Describes how far it is.
  package init(digest: String, steps: Int, loss: Double, accuracy: Double) {
    self.digest = digest
    self.steps = steps
    self.loss = loss
    self.accuracy = accuracy
  }
}
