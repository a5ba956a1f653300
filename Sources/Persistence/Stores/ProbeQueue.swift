import Foundation

/// The queue of probes, shared by the workers of every process that reaches the database.
///
/// A worker holds a probe by a lease, which its heartbeats extend; when the lease runs out anyone may take
/// the probe over. Every claim has a new attempt number, and whoever holds an older one can't write.
package struct ProbeQueue: Sendable {
  private let database: Database
  private let lease: Duration
  private let crashLimit: Int

  /// A queue on a migrated database.
  /// - Parameters:
  ///   - lease: how long a probe stays with a worker that gives no sign of life.
  ///   - crashLimit: a probe whose lease ran out this often in a row is given up: it and the jobs that
  ///     want it fail. It is generous, since a killed machine is not the probe's fault.
  package init(database: Database, lease: Duration = .seconds(30), crashLimit: Int = 10) {
    precondition(lease > .zero && crashLimit > 0)
    self.database = database
    self.lease = lease
    self.crashLimit = crashLimit
  }

  /// The first waiting (or abandoned) probe of the oldest live job, now the worker's; nil if there is none.
  package func claim(worker: String) async throws -> ClaimedProbe? {
    try await database.transaction { [lease, crashLimit] session in
      try session.query(ProbeStatements.claim, worker, lease.seconds, crashLimit).first
        .map { try ClaimedProbe($0) }
    }
  }

  /// Extends the lease. False: training is to stop, because the probe was lost to another worker or no
  /// live job wants it any more (then it is back in the queue, and there is nothing to hand back).
  package func heartbeat(_ claim: ClaimedProbe) async throws -> Bool {
    try await database.query(ProbeStatements.heartbeat, claim.digest, claim.attempt, lease.seconds) {
      try $0.value("wanted", as: Bool.self)
    }.first ?? false
  }

  /// Stores the outcome. False if the probe is no longer this attempt's: nothing was written.
  /// - Parameter report: the text of a JSON object, kept exactly.
  package func finish(_ claim: ClaimedProbe, outcome: String, report: String) async throws -> Bool {
    try await change(ProbeStatements.finish, claim.digest, claim.attempt, outcome, report)
  }

  /// Gives the probe back untrained, on graceful shutdown. False if it was no longer this attempt's.
  @discardableResult
  package func handBack(_ claim: ClaimedProbe) async throws -> Bool {
    try await change(ProbeStatements.handBack, claim.digest, claim.attempt)
  }

  /// Marks a probe that can't be run; the jobs that want it fail with this error when they advance. A job
  /// that asks for it later has it tried again. False if it was no longer this attempt's.
  @discardableResult
  package func fail(_ claim: ClaimedProbe, error: String) async throws -> Bool {
    try await change(ProbeStatements.fail, claim.digest, claim.attempt, error)
  }

  /// Ends the leases of workers whose name begins with a prefix, for a process that knows its predecessor
  /// to be dead; their probes can be claimed at once. Returns how many there were.
  @discardableResult
  package func expireLeases(ofWorkersNamed prefix: String) async throws -> Int {
    try await database.transaction { session in
      try session.query(ProbeStatements.expireLeases, prefix).changedCount
    }
  }

  /// How many probes the workers whose name begins with a prefix have or could have: those that they train, and
  /// those of live jobs that wait for a worker.
  package func demand(ofWorkersNamed prefix: String) async throws -> Int {
    try await database.query(ProbeStatements.demand, prefix) { row in
      try row.value("count", as: Int.self)
    }.first ?? 0
  }

  /// How many probes there are in each state.
  package func counts() async throws -> [ProbeState: Int] {
    let pairs = try await database.query(ProbeStatements.outstanding) { row in
      (try row.value("state", as: ProbeState.self), try row.value("count", as: Int.self))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  private func change(
    _ statement: Statement, _ parameters: (any DatabaseEncodable)?...
  ) async throws -> Bool {
    try await database.transaction { session in
      try session.query(statement, binding: parameters).changedCount > 0
    }
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
