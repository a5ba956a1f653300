import Foundation

/// Jobs in the database: submission, look-up, cancelling, and the advance from probe to probe.
///
/// A job is `queued` until the first probe that it wants is taken up by a worker (`ProbeQueue.claim` sets
/// it `running` in the same statement) or until it links to one that another job has set going.
package struct JobStore: Sendable {
  private let database: Database

  /// A store on a migrated database.
  package init(database: Database) { self.database = database }

  /// Stores a new job and announces it.
  /// - Parameters:
  ///   - specification: the text of a JSON object, kept exactly.
  ///   - datasetDigest: the data that it runs on, where they are known.
  ///   - confirm: throws where those data are gone. From before it until the job is stored nobody
  ///     removes them by `liveJob(onDataset:orElse:)`. It runs on a connection's thread, perhaps more than once.
  package func submit(
    specification: String, name: String? = nil, datasetDigest: String? = nil,
    confirm: @escaping @Sendable () throws -> Void = {}
  ) async throws -> JobRecord {
    let id = UUID.timeOrdered()
    return try await database.transaction { session in
      if let datasetDigest {
        try session.query(JobStatements.keepDataset, datasetDigest)
        try confirm()
      }
      return try JobRecord(session.query(JobStatements.submit, id, name, specification, datasetDigest)[0])
    }
  }

  /// The job of an id, nil if there is none.
  package func job(_ id: UUID) async throws -> JobRecord? {
    try await database.query(JobStatements.find, id) { try JobRecord($0) }.first
  }

  /// Jobs, newest first.
  /// - Parameters:
  ///   - cursor: the `sequence` of the last job of the page before; nil for the first page.
  ///   - state: only jobs in this state.
  package func list(
    after cursor: Int64? = nil, limit: Int, state: JobState? = nil
  ) async throws -> [JobRecord] {
    try await database.query(JobStatements.list, cursor, state, limit) { try JobRecord($0) }
  }

  /// Ends a live job. Its probes that no other live job wants stop at their workers' next heartbeat.
  package func cancel(_ id: UUID) async throws -> CancelResult {
    try await database.transaction { session in
      if let row = try session.query(JobStatements.cancel, id).first {
        return .cancelled(try JobRecord(row))
      }
      guard let row = try session.query(JobStatements.find, id).first else { return .notFound }
      return .alreadyFinished(try row.value("state"))
    }
  }

  /// Records which data a live job runs on; the first digest stays. Returns the digest that holds, nil if
  /// the job has ended or is not there.
  package func pinDataset(_ digest: String, of id: UUID) async throws -> String? {
    try await database.query(JobStatements.pinDataset, id, digest) { row in
      try row.value("dataset_digest", as: String.self)
    }.first
  }

  /// A job's probes in the order in which it asked for them.
  /// - Parameter position: the `position` of the last probe of the page before.
  package func probes(of id: UUID, after position: Int64 = 0, limit: Int) async throws -> [ProbeRecord] {
    try await database.query(JobStatements.probes, id, position, limit) { try ProbeRecord($0) }
  }

  /// Live jobs that can advance: with no probe outstanding, or with one that failed. Oldest first.
  package func jobsToAdvance() async throws -> [UUID] {
    try await database.query(JobStatements.toAdvance) { try $0.value("id") }
  }

  /// The oldest live job that runs on the data with a digest; where there is none, nil, and the data are removed. No job
  /// is submitted on them meanwhile. `remove` runs on a connection's thread, again if the connection was lost.
  package func liveJob(
    onDataset digest: String, orElse remove: @escaping @Sendable () throws -> Void
  ) async throws -> UUID? {
    try await database.transaction { session in
      try session.query(JobStatements.holdDataset, digest)
      if let row = try session.query(JobStatements.onDataset, digest).first { return try row.value("id") }
      try remove()
      return nil
    }
  }

  /// Live jobs that want a probe, oldest first.
  package func liveJobs(wanting digest: String) async throws -> [UUID] {
    try await database.query(JobStatements.wanting, digest) { try $0.value("id") }
  }

  /// Locks a live job's row, reads its probes and applies what `decide` answers, all in one transaction.
  ///
  /// The lock comes first and every statement sees what was committed before it, so of two that advance a
  /// job after two probes ended together, the second sees both outcomes. Probes that are there already are
  /// advanced over at once: `decide` is asked again until something is outstanding or the job has ended.
  /// A job that wants a failed probe fails with the probe's error, without asking `decide`.
  ///
  /// - Parameter decide: a pure function of the job and all its probes in order of position. It runs on a
  ///   connection's thread while the row is locked, perhaps more than once: it must not wait for anything.
  /// - Returns: the job as it now stands, nil if it has ended or is not there.
  /// - Throws: what `decide` throws (the job stays as it was), `AdvanceError`, `DatabaseError`.
  package func advance(
    id: UUID, decide: @escaping @Sendable (JobRecord, [ProbeRecord]) throws -> JobAdvance
  ) async throws -> JobRecord? {
    while true {
      let step = try await database.transaction { session in
        try JobAdvancement(id: id, session: session).run(decide)
      }
      // A probe that this step linked to may have ended before the link was committed, and then nobody
      // looked for this job. From here on whoever ends one finds the link, so one look closes the gap.
      guard let step, step.hasLinked else { return step?.job }
      let ready = try await database.query(JobStatements.isReady, id) { try $0.value("id", as: UUID.self) }
      if ready.isEmpty { return step.job }
    }
  }
}
