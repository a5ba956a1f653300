import Foundation

/// Studies in the database: submission, look-up, and what clients ask of them. Their jobs are ordinary ones, which a
/// `JobStore` has; each carries the study's id as its label `study`.
package struct StudyStore: Sendable {
  private let jobs: JobStore
  private var database: Database { jobs.database }

  /// A store beside that of the jobs.
  package init(jobs: JobStore) { self.jobs = jobs }

  /// Stores a study with the jobs of its cells, all or nothing.
  ///
  /// - Parameters:
  ///   - jobs: those of its cells, in order, by the study's id.
  ///   - confirm: throws where the data that it runs on are gone, as in `JobStore.submit`.
  ///   - finish: what else belongs to the submission and to its jobs: it is committed with them or not at all.
  package func submit(
    _ submission: StudySubmission, jobs submissions: (UUID) -> [JobSubmission],
    confirm: @escaping @Sendable () throws -> Void = {},
    andThen finish: @escaping @Sendable (StudyRecord, [UUID], Session) throws -> Void = { _, _, _ in }
  ) async throws -> StudyRecord {
    let id = UUID.timeOrdered()
    let cells = submissions(id)
    let ids = cells.map { _ in UUID.timeOrdered() }
    return try await database.transaction { [jobs] session in
      try jobs.store(cells, as: ids, confirm: confirm, session)
      try session.query(
        StudyStatements.insert, id, submission.name, submission.preset, submission.scale,
        submission.specification, submission.requestID)
      try session.query(
        StudyStatements.place, id, ids, Array(ids.indices), NullableArray<UUID>(ids.map { _ in nil }))
      try session.query(JobStatements.stamp)
      let record = try StudyRecord(session.query(StudyStatements.find, id)[0])
      try finish(record, ids, session)
      return record
    }
  }

  /// The study of an id, nil if there is none.
  package func study(_ id: UUID) async throws -> StudyRecord? {
    try await database.query(StudyStatements.find, id) { try StudyRecord($0) }.first
  }

  /// Studies, newest first.
  /// - Parameter cursor: the `sequence` of the last study of the page before; nil for the first page.
  package func list(after cursor: Int64? = nil, limit: Int) async throws -> [StudyRecord] {
    try await database.query(StudyStatements.list, cursor, limit) { try StudyRecord($0) }
  }

  /// The jobs of a study's cells with the cells' places.
  package func cells(of id: UUID) async throws -> [(cell: Int, job: JobRecord)] {
    try await database.query(StudyStatements.cells, id) { (try $0.value("cell"), try JobRecord($0)) }
  }

  /// Where a study's cells stand, by their places.
  package func standings(of id: UUID) async throws -> [Int: CellStanding] {
    let standings = try await database.query(StudyStatements.standings, id) { row in
      (try row.value("cell", as: Int.self), try CellStanding(row))
    }
    return Dictionary(standings) { first, _ in first }
  }

  // MARK: Events

  /// The studies of these ids that there are.
  package func studies(_ ids: [UUID]) async throws -> [StudyRecord] {
    try await database.query(StudyStatements.findMany, ids) { try StudyRecord($0) }
  }

  /// Every job of a study, also of those that are no cell's any more.
  package func jobs(of id: UUID) async throws -> [UUID] {
    try await database.query(StudyStatements.jobs, id) { try $0.value("job_id") }
  }

  /// Which of some jobs belong to which of some studies.
  package func placed(
    _ jobs: [UUID], in studies: [UUID]
  ) async throws -> [(study: UUID, job: UUID)] {
    try await database.query(StudyStatements.placed, studies, jobs) { row in
      (study: try row.value("study_id"), job: try row.value("job_id"))
    }
  }

  /// The jobs of a study that have changed since a version, in the order of their versions.
  package func changes(of id: UUID, since version: Int64, limit: Int) async throws -> [JobRecord] {
    try await database.query(StudyStatements.changes, id, version, limit) { try JobRecord($0) }
  }

  /// The ends of probes that a study's jobs came to know of after a version, in the order of versions.
  package func ends(of id: UUID, since version: Int64, limit: Int) async throws -> [ProbeEnd] {
    try await database.query(StudyStatements.ends, id, version, limit) { try ProbeEnd($0) }
  }

  // MARK: Findings

  /// What the finished probes of a study's cells found, by job, in the order in which it asked for them.
  package func rows(of id: UUID) async throws -> [UUID: [ProbeRow]] {
    let rows = try await database.query(StudyStatements.rows, id) { row in
      (job: try row.value("job_id", as: UUID.self), row: try ProbeRow(row))
    }
    return Dictionary(grouping: rows, by: \.job).mapValues { $0.map(\.row) }
  }

  /// What a study's probes cost so far.
  package func cost(of id: UUID) async throws -> StudyCost? {
    try await database.query(StudyStatements.cost, id) { try StudyCost($0) }.first
  }

  // MARK: Changes

  /// Ends every job of a study that has not ended.
  package func cancel(_ id: UUID) async throws -> StudyChange { try await change(id, .cancel) }

  /// Holds every live job of a study.
  package func pause(_ id: UUID) async throws -> StudyChange { try await change(id, .pause) }

  /// Takes every paused job of a study up again.
  package func resume(_ id: UUID) async throws -> StudyChange { try await change(id, .resume) }

  /// Changes every job that can be changed so; refused where none can.
  private func change(_ id: UUID, _ transition: JobTransition) async throws -> StudyChange {
    try await database.transaction { [jobs] session in
      guard try !session.query(StudyStatements.lock, id).isEmpty else { return .notFound }
      let changed = try jobs.change(Self.jobIDs(of: id, session), transition, session)
      try session.query(JobStatements.stamp)
      let record = try StudyRecord(session.query(StudyStatements.find, id)[0])
      return changed.isEmpty ? .refused(record) : .done(record)
    }
  }

  /// The jobs whose probes tell of a study's cells, by the cells' places.
  private static func measuredJobs(of id: UUID, _ session: Session) throws -> [Int: UUID] {
    var jobs: [Int: UUID] = [:]
    for row in try session.query(StudyStatements.measuredJobs, id) {
      let cell = try row.value("cell", as: Int.self)
      jobs[cell] = try row.optional("job_id", as: UUID.self)
    }
    return jobs
  }

  private static func jobIDs(of id: UUID, _ session: Session) throws -> [UUID] {
    try session.query(StudyStatements.jobs, id).map { try $0.value("job_id") }
  }

  /// Deletes a study all of whose jobs have ended, with them. Its probes stay.
  package func delete(_ id: UUID) async throws -> StudyChange {
    try await database.transaction { session in
      guard try !session.query(StudyStatements.lock, id).isEmpty else { return .notFound }
      let record = try StudyRecord(session.query(StudyStatements.find, id)[0])
      guard record.state.hasEnded else { return .refused(record) }
      try session.query(JobStatements.delete, Self.jobIDs(of: id, session))
      try session.query(StudyStatements.delete, id)
      return .done(record)
    }
  }

  /// Puts other jobs at the places of a study's cells: those that `kept` names stay, at these places, and new ones take the
  /// others. Those that were replaced are cancelled: what they trained is there for whoever asks. Of a study that is held the
  /// new ones are held too. Until a new job has asked for its first probe, what is known of its cell is what the one that was
  /// there before knows.
  ///
  /// - Parameters:
  ///   - revision: what the study was read at; refused where another has extended it since.
  ///   - added: the new jobs with their places, and those that their cells had before; nil where a cell is new.
  ///   - finish: what belongs to the extended study and its new jobs.
  package func extend(
    _ id: UUID, revision: Int, specification: String, kept: [UUID: Int],
    added: [(cell: Int, before: Int?, job: JobSubmission)],
    confirm: @escaping @Sendable () throws -> Void = {},
    andThen finish: @escaping @Sendable (StudyRecord, [UUID], Session) throws -> Void = { _, _, _ in }
  ) async throws -> StudyChange {
    let ids = added.map { _ in UUID.timeOrdered() }
    return try await database.transaction { [jobs] session in
      guard let row = try session.query(StudyStatements.lock, id).first,
        try row.value("revision", as: Int.self) == revision
      else {
        let record = try session.query(StudyStatements.find, id).first.map { try StudyRecord($0) }
        return record.map(StudyChange.refused) ?? .notFound
      }
      let isHeld = try StudyRecord(session.query(StudyStatements.find, id)[0]).state == .paused
      try jobs.store(added.map(\.job), as: ids, confirm: confirm, session)
      let known = try Self.measuredJobs(of: id, session)
      try session.query(StudyStatements.unplace, id)
      let keys = Array(kept.keys)
      try session.query(StudyStatements.replace, id, keys, keys.map { kept[$0] ?? 0 })
      try session.query(StudyStatements.extend, id, specification)
      try session.query(
        StudyStatements.place, id, ids, added.map(\.cell),
        NullableArray(added.map { $0.before.flatMap { known[$0] } }))
      let replaced = try session.query(StudyStatements.unplaced, id).map {
        try $0.value("job_id", as: UUID.self)
      }
      try jobs.change(replaced, .cancel, session)
      if isHeld { try jobs.change(ids, .pause, session) }
      try session.query(JobStatements.stamp)
      let record = try StudyRecord(session.query(StudyStatements.find, id)[0])
      try finish(record, ids, session)
      return .done(record)
    }
  }
}
