import Foundation

/// Jobs in the database: submission, look-up, and what they wait for. `JobStore+Changes` has what clients ask of
/// them, `JobStore+Advance` the way from probe to probe.
///
/// A job is `queued` until the first probe that it wants is taken up by a worker (`ProbeQueue.claim` sets
/// it `running`) or until it links to one that another job has set going.
package struct JobStore: Sendable {
  let database: Database
  /// The revision of the engine that this process trains with: jobs are submitted on it, and no others
  /// advanced.
  package let engineRevision: Int

  /// A store on a migrated database.
  package init(database: Database, engineRevision: Int) {
    self.database = database
    self.engineRevision = engineRevision
  }

  /// Stores a new job and announces it.
  /// - Parameters:
  ///   - confirm: throws where the data that it runs on are gone. From before it until the job is stored
  ///     nobody removes them by `liveJob(onDataset:orElse:)`. It runs on a connection's thread, perhaps more
  ///     than once.
  ///   - finish: what else belongs to the submission: it is committed with it or not at all. It runs as
  ///     `confirm` does.
  package func submit(
    _ submission: JobSubmission, confirm: @escaping @Sendable () throws -> Void = {},
    andThen finish: @escaping @Sendable (JobRecord, Session) throws -> Void = { _, _ in }
  ) async throws -> JobRecord {
    try await submit([submission], confirm: confirm) { try finish($0[0], $1) }[0]
  }

  /// Stores new jobs, all or none, in their order.
  package func submit(
    _ submissions: [JobSubmission], confirm: @escaping @Sendable () throws -> Void = {},
    andThen finish: @escaping @Sendable ([JobRecord], Session) throws -> Void = { _, _ in }
  ) async throws -> [JobRecord] {
    guard !submissions.isEmpty else { return [] }
    let ids = submissions.map { _ in UUID.timeOrdered() }
    return try await database.transaction { session in
      try store(submissions, as: ids, confirm: confirm, session)
      try session.query(JobStatements.stamp)
      let records = try session.query(JobStatements.findMany, ids).map { try JobRecord($0) }
      try finish(records, session)
      return records
    }
  }

  /// Stores jobs with these ids within a transaction, which is to stamp them. From before `confirm` nobody removes the data
  /// that they run on.
  func store(
    _ submissions: [JobSubmission], as ids: [UUID], confirm: () throws -> Void, _ session: Session
  ) throws {
    // In one order, as everybody who keeps several does.
    let digests = Set(submissions.compactMap(\.datasetDigest)).sorted()
    for digest in digests { try session.query(JobStatements.keepDataset, digest) }
    if !digests.isEmpty { try confirm() }
    // In pieces, each well within the time of a statement.
    for start in stride(from: 0, to: ids.count, by: Self.submittedAtOnce) {
      let piece = start..<min(start + Self.submittedAtOnce, ids.count)
      try insert(Array(ids[piece]), Array(submissions[piece]), engineRevision, session)
    }
  }

  private static let submittedAtOnce = 200

  /// The job of an id, nil if there is none.
  package func job(_ id: UUID) async throws -> JobRecord? {
    try await database.query(JobStatements.find, id) { try JobRecord($0) }.first
  }

  /// What the finished probes of a job found, in the order in which it asked for them.
  package func rows(of id: UUID) async throws -> [ProbeRow] {
    try await database.query(JobStatements.rows, id, Int64(0), Int64.max) { try ProbeRow($0) }
  }

  /// Records what a job that has not ended runs on, as far as it isn't known yet. Returns the job, nil if it
  /// has ended or is not there.
  package func pin(_ id: UUID, datasetDigest: String? = nil, _ admission: JobAdmission) async throws
    -> JobRecord?
  {
    try await database.transaction { session in
      let changed = try session.query(
        JobStatements.pin, id, datasetDigest, admission.sampleLimit, admission.memoryLimitSamples,
        admission.shape,
        admission.classes, admission.parameterCount
      ).changedCount
      return changed > 0 ? try stamped(id, session) : nil
    }
  }

  /// The job with the version that this transaction gives it.
  func stamped(_ id: UUID, _ session: Session) throws -> JobRecord {
    try session.query(JobStatements.stamp)
    return try JobRecord(session.query(JobStatements.find, id)[0])
  }

  /// Says what a job waits for besides a free worker; nil: nothing.
  package func setWaitingFor(_ reason: String?, of id: UUID) async throws {
    try await database.change(JobStatements.waitFor, id, reason)
  }

  /// Says of the live jobs that wait for a probe which takes more than so many bytes, and have none under way, that
  /// they wait for a machine with more memory.
  package func setWaitingForMemory(above bytes: Int) async throws {
    try await database.change(JobStatements.waitForMemory, bytes, engineRevision)
  }

  /// A job's probes in the order in which it asked for them.
  /// - Parameter position: the `position` of the last probe of the page before.
  package func probes(of id: UUID, after position: Int64 = 0, limit: Int) async throws -> [ProbeRecord] {
    try await database.query(JobStatements.probes, id, position, limit) { try ProbeRecord($0) }
  }

  /// A probe that a job asked for, with the text of its specification; nil where the job has none of that digest.
  package func probe(_ digest: String, of id: UUID) async throws -> (
    record: ProbeRecord, specification: String
  )? {
    try await database.query(JobStatements.probe, id, digest) { row in
      (record: try ProbeRecord(row), specification: try row.value("probe_specification", as: String.self))
    }.first
  }

  /// The oldest job that has not ended and runs on the data with a digest; where there is none, nil, and the
  /// data are removed. No job is submitted on them meanwhile. `remove` runs on a connection's thread, again
  /// if the connection was lost.
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
}

/// Inserts jobs with these ids.
private func insert(
  _ ids: [UUID], _ submissions: [JobSubmission], _ engineRevision: Int, _ session: Session
) throws(DatabaseError) {
  let admissions = submissions.map(\.admission)
  try session.query(
    JobStatements.submit, ids, NullableArray(submissions.map(\.name)),
    submissions.map(\.specification), NullableArray(submissions.map(\.datasetDigest)),
    admissions.map { $0.engineRevision ?? engineRevision }, NullableArray(admissions.map(\.sampleLimit)),
    NullableArray(admissions.map(\.memoryLimitSamples)), NullableArray(admissions.map(\.shape)),
    NullableArray(admissions.map(\.classes)), NullableArray(admissions.map(\.parameterCount)),
    NullableArray(submissions.map(\.waitingFor)), submissions.map(\.labels), submissions.map(\.priority),
    NullableArray(submissions.map(\.requestID)), NullableArray(submissions.map(\.source)),
    NullableArray(submissions.map(\.traceParent)))
}
