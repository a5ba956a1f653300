import Foundation

/// A page of jobs with the place where it ends.
package struct JobPage: Sendable, Hashable {
  /// The jobs.
  package let records: [JobRecord]
  /// Where the next page begins; nil: this is the last.
  package let next: JobCursor?
}

/// What became of a change of many jobs.
package struct JobsChange: Sendable, Hashable {
  /// How many jobs the filter finds that can be changed so.
  package let matching: Int
  /// The jobs that were changed: all of them, or none.
  package let changed: [UUID]
}

/// The end of a probe that a job came to know of.
package struct ProbeEnd: Sendable {
  /// The job.
  package let job: UUID
  /// From the sequence of the jobs' versions.
  package let version: Int64
  package let probe: ProbeRecord

  init(_ row: Row) throws(DatabaseError) {
    job = try row.value("job_id")
    version = try row.value("ended_version")
    probe = try ProbeRecord(row)
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

extension JobStore {
  /// A page of the jobs of a filter in an order. Pages that follow each other neither skip nor repeat a job that is there
  /// all the while.
  package func page(
    _ filter: JobFilter = JobFilter(), by order: JobOrder = .created, isDescending: Bool = true,
    after cursor: JobCursor? = nil, limit: Int
  ) async throws -> JobPage {
    let (statement, parameters) = JobListStatements.page(
      filter, order, isDescending: isDescending, after: cursor, limit: limit + 1)
    return try await database.reading { session in
      let rows = try session.query(statement, binding: parameters)
      let records = try rows.prefix(limit).map { try JobRecord($0) }
      guard rows.count > limit, let last = records.last else { return JobPage(records: records, next: nil) }
      let key = try rows[limit - 1].optional("cursor_key", as: String.self)
      return JobPage(records: records, next: JobCursor(key: key, sequence: last.sequence))
    }
  }

  /// How many jobs a filter finds.
  package func count(_ filter: JobFilter = JobFilter()) async throws -> Int {
    let (statement, parameters) = JobListStatements.count(filter)
    return try await database.reading { session in
      try session.query(statement, binding: parameters)[0].value("count")
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
      let texts = ids.map(\.uuidString)
      switch mutation {
      case .cancel:
        try session.query(JobListStatements.cancelMany, texts)
        try session.query(JobListStatements.releaseProbesOfMany, texts)
      case .delete: try session.query(JobListStatements.deleteMany, texts)
      }
      return JobsChange(matching: ids.count, changed: ids)
    }
  }

  /// Deletes jobs that ended longer ago than so, and the probes that no job has any more and that ended longer ago than so;
  /// at most `limit` of each. Returns how many jobs.
  @discardableResult
  package func deleteEnded(before age: Duration, limit: Int = 500) async throws -> Int {
    try await database.transaction { session in
      let jobs = try session.query(JobListStatements.deleteOld, age.seconds, limit).changedCount
      try session.query(JobListStatements.deleteOldProbes, age.seconds, limit)
      return jobs
    }
  }

  /// The version of the last change of a job, or end of a probe. What is read afterwards is complete up to it.
  package func latestVersion() async throws -> Int64 {
    try await database.query(JobListStatements.latestVersion) { try $0.value("version") }[0]
  }

  /// The jobs of a filter that have ended, in the order in which they did, after a version and up to another: a set that
  /// only deletions change.
  package func ended(
    _ filter: JobFilter, after version: Int64 = 0, upTo last: Int64 = .max, limit: Int
  ) async throws -> [JobRecord] {
    let (statement, parameters) = JobListStatements.ended(filter, after: version, upTo: last, limit: limit)
    return try await database.reading { session in
      try session.query(statement, binding: parameters).map { try JobRecord($0) }
    }
  }

  /// The ends of probes that jobs came to know of after a version, in the order of versions. None that is missing will
  /// appear before the last of them.
  ///
  /// - Parameter id: of one job's probes; nil: of all.
  package func ends(
    since version: Int64, of id: UUID? = nil, limit: Int
  ) async throws -> [ProbeEnd] {
    try await database.query(JobListStatements.ends, version, id, limit) { try ProbeEnd($0) }
  }

  /// A job's version and state; nil where there is no such job.
  package func version(of id: UUID) async throws -> (version: Int64, state: JobState)? {
    try await database.query(JobListStatements.versionOf, id) { row in
      (version: try row.value("version", as: Int64.self), state: try row.value("state", as: JobState.self))
    }.first
  }

  /// A probe that a job asked for, with the text of its specification; nil where the job has none of that digest.
  package func probe(_ digest: String, of id: UUID) async throws -> (
    record: ProbeRecord, specification: String
  )? {
    try await database.query(JobListStatements.probe, id, digest) { row in
      (record: try ProbeRecord(row), specification: try row.value("probe_specification", as: String.self))
    }.first
  }
}
