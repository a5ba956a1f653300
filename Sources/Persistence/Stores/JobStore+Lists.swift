/// A page of jobs with the place where it ends.
package struct JobPage: Sendable, Hashable {
  /// The jobs.
  package let records: [JobRecord]
  /// Where the next page begins; nil: this is the last.
  package let next: JobCursor?
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
}
