import Foundation

/// What clients ask of jobs that have not ended.
enum JobTransition {
  case cancel, pause, resume

  fileprivate var statement: Statement {
    switch self {
    case .cancel: JobStatements.cancel
    case .pause: JobStatements.pause
    case .resume: JobStatements.resume
    }
  }
}

/// How many jobs are changed at once.
package enum JobsMutation: Sendable, Hashable {
  /// Those that have not ended.
  case cancel
  /// Those that have ended.
  case delete

  /// The states of the jobs that can be changed so.
  package var states: Set<JobState> { self == .cancel ? JobFilter.unended : JobFilter.ended }
}

/// What became of a change of many jobs.
package struct JobsChange: Sendable, Hashable {
  /// How many jobs the filter finds that can be changed so.
  package let matching: Int
  /// The jobs that were changed: all of them, or none.
  package let changed: [UUID]
}

/// What clients ask of jobs, of one or of many at once, and what goes with time.
extension JobStore {
  /// Ends a job that has not ended. Its probes that no other live job wants stop at their workers' next
  /// heartbeat.
  package func cancel(_ id: UUID) async throws -> JobChange { try await change(id, .cancel) }

  /// Holds a live job: its queued probes leave the queue, those under way are handed back at their workers'
  /// next heartbeat with their checkpoints, where no other live job wants them.
  package func pause(_ id: UUID) async throws -> JobChange { try await change(id, .pause) }

  /// Takes a paused job up again: its probes go back into the queue, behind those that others have waited
  /// with.
  package func resume(_ id: UUID) async throws -> JobChange { try await change(id, .resume) }

  private func change(_ id: UUID, _ transition: JobTransition) async throws -> JobChange {
    try await database.transaction { session in
      if try !change([id], transition, session).isEmpty { return .done(try stamped(id, session)) }
      guard let row = try session.query(JobStatements.find, id).first else { return .notFound }
      return .refused(try row.value("state"))
    }
  }

  /// Changes those of some jobs that can be changed so, within a transaction, which is to stamp them. Returns them.
  @discardableResult
  func change(_ ids: [UUID], _ transition: JobTransition, _ session: Session) throws -> [UUID] {
    // All jobs first: whoever locks jobs and then probes does so in one order.
    let changed = try session.query(transition.statement, ids).map { try $0.value("id", as: UUID.self) }
    // In pieces, each well within the time of a statement.
    let pieces = stride(from: 0, to: changed.count, by: Self.placedAtOnce).map { start in
      Array(changed[start..<min(start + Self.placedAtOnce, changed.count)])
    }
    if transition == .resume {
      // All turns first: a probe that several want has none of before.
      for piece in pieces { try session.query(JobStatements.takeTurns, piece, engineRevision) }
    }
    for piece in pieces { try session.query(JobStatements.placeProbes, piece) }
    return changed
  }

  private static let placedAtOnce = 20

  /// Deletes a job that has ended. Its probes stay: they belong to no job, and the next that asks for them
  /// has them.
  package func delete(_ id: UUID) async throws -> JobChange {
    try await database.transaction { session in
      guard let row = try session.query(JobStatements.find, id).first else { return .notFound }
      let job = try JobRecord(row)
      guard try session.query(JobStatements.delete, [id]).changedCount > 0 else {
        guard let row = try session.query(JobStatements.find, id).first else { return .notFound }
        return .refused(try row.value("state"))
      }
      return .done(job)
    }
  }

  /// Cancels or deletes the jobs of a filter that can be, all of them, if there are as many as expected; else none.
  ///
  /// - Parameter expected: nil: nothing is done but counting.
  package func change(
    _ mutation: JobsMutation, _ filter: JobFilter, expected: Int?
  ) async throws -> JobsChange {
    var filter = filter
    filter.states =
      filter.states.isEmpty ? mutation.states : filter.states.intersection(mutation.states)
    guard !filter.states.isEmpty else { return JobsChange(matching: 0, changed: []) }
    guard let expected else { return JobsChange(matching: try await count(filter), changed: []) }
    let (lock, parameters) = JobListStatements.lock(filter)
    return try await database.transaction { session in
      let ids = try session.query(lock, binding: parameters).map { try $0.value("id", as: UUID.self) }
      guard ids.count == expected, !ids.isEmpty else { return JobsChange(matching: ids.count, changed: []) }
      switch mutation {
      case .cancel: try change(ids, .cancel, session)
      case .delete: try session.query(JobStatements.delete, ids)
      }
      return JobsChange(matching: ids.count, changed: ids)
    }
  }

  /// Deletes jobs that ended longer ago than so, and the probes that no job has any more and that ended, or were asked for and
  /// never ended, longer ago than so; at most `limit` of each. Returns how many jobs.
  ///
  /// Each in a transaction of its own: a probe that a job asks for at this very moment isn't deleted, and with it nothing that
  /// was to be deleted together with it.
  @discardableResult
  package func deleteEnded(before age: Duration, limit: Int = 500) async throws -> Int {
    let jobs = try await database.change(JobStatements.deleteOld, age.seconds, limit)
    try await database.change(JobStatements.deleteOldProbes, age.seconds, limit)
    try await database.change(JobStatements.deleteUnwantedProbes, age.seconds, limit)
    return jobs
  }
}
