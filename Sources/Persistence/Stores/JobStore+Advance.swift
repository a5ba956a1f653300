import Foundation

extension JobStore {
  /// Live jobs of this revision that can advance: with no probe outstanding, or with one that failed. Oldest
  /// first.
  package func jobsToAdvance() async throws -> [UUID] {
    try await database.query(JobStatements.toAdvance, engineRevision) { try $0.value("id") }
  }

  /// Running jobs of this revision whose limit of time is up, oldest first.
  package func jobsOutOfTime() async throws -> [UUID] {
    try await database.query(JobStatements.outOfTime, engineRevision) { try $0.value("id") }
  }

  /// Live jobs of this revision that want one of some probes, oldest first, and whether they can advance
  /// beyond showing their progress.
  package func liveJobs(wanting digests: [String]) async throws -> [(id: UUID, isReady: Bool)] {
    try await database.query(JobStatements.wanting, digests, engineRevision) { row in
      (try row.value("id"), try row.value("is_ready"))
    }
  }

  /// Reads what a live job's probes found and applies what `decide` answers.
  ///
  /// `decide` runs under no lock; what it answered is applied in a transaction that locks the job's row and
  /// finds it where it was read, else it is asked again. Of two that advance a job after two probes ended
  /// together, the one that looks last sees both. Probes that are there already are advanced over at once:
  /// `decide` is asked again until something is outstanding or the job has ended. A job that wants a failed
  /// probe fails with the probe's error, without asking `decide`.
  ///
  /// - Parameters:
  ///   - history: what an earlier call returned; only what is new is read then.
  ///   - decide: a pure function of the job's finished probes. It runs on a connection's thread, perhaps more than
  ///     once: it must not wait for anything.
  /// - Returns: whether the job goes on here, which it doesn't where it has ended, isn't there, or is another revision's; and
  ///   its history.
  /// - Throws: what `decide` throws (the job stays as it was), `AdvanceError`, `DatabaseError`.
  package func advance(
    id: UUID, from history: JobHistory = JobHistory(),
    decide: @escaping @Sendable (JobHistory) throws -> JobAdvance
  ) async throws -> (isLive: Bool, history: JobHistory) {
    try await database.retrying { [engineRevision] session in
      var advancement = JobAdvancement(
        id: id, engineRevision: engineRevision, session: session, history: history)
      let isLive = try advancement.run(decide)
      return (isLive, advancement.history)
    }
  }

  /// Fails the live jobs that began under a revision of the engine that no process has had for some time.
  /// Returns them.
  package func failOrphans(after grace: Duration) async throws -> [UUID] {
    let orphans = try await database.query(JobStatements.orphans, engineRevision, grace.seconds) { row in
      (id: try row.value("id", as: UUID.self), revision: try row.value("engine_revision", as: Int.self))
    }
    for orphan in orphans {
      let error =
        "the job began under revision \(orphan.revision) of the engine, and no process that has it is left (this one "
        + "has \(engineRevision)); results of two revisions are never mixed: submit the job again"
      try await database.transaction { session in
        try session.query(JobStatements.fail, orphan.id, error)
        try session.query(JobStatements.placeProbes, [orphan.id])
      }
    }
    return orphans.map(\.id)
  }
}
