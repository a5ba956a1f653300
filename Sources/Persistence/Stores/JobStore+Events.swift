import Foundation

/// The end of a probe that a job came to know of.
package struct ProbeEnd: Sendable {
  /// The job.
  package let job: UUID
  /// From the sequence of the jobs' versions.
  package let version: Int64
  package let probe: ProbeRecord

  /// What is read, of `job_probes` as `link` and `probes`.
  static let columns = "link.job_id, ended_version, \(ProbeRecord.columns)"

  init(_ row: Row) throws(DatabaseError) {
    job = try row.value("job_id")
    version = try row.value("ended_version")
    probe = try ProbeRecord(row)
  }
}

/// What has changed since, for those who follow.
extension JobStore {
  /// Jobs that have changed since a version, in the order of their versions. None that is missing will appear
  /// before the last of them.
  package func changes(since version: Int64, limit: Int) async throws -> [JobRecord] {
    try await database.query(JobStatements.changes, version, limit) { try JobRecord($0) }
  }

  /// The ends of probes that jobs came to know of after a version, in the order of versions. None that is missing will
  /// appear before the last of them.
  ///
  /// - Parameter id: of one job's probes; nil: of all.
  package func ends(
    since version: Int64, of id: UUID? = nil, limit: Int
  ) async throws -> [ProbeEnd] {
    try await database.query(JobStatements.ends, version, id, limit) { try ProbeEnd($0) }
  }

  /// A job's version and state; nil where there is no such job.
  package func version(of id: UUID) async throws -> (version: Int64, state: JobState)? {
    try await database.query(JobStatements.versionOf, id) { row in
      (version: try row.value("version", as: Int64.self), state: try row.value("state", as: JobState.self))
    }.first
  }

  /// The version of the last change of a job, or end of a probe. What is read afterwards is complete up to it.
  package func latestVersion() async throws -> Int64 {
    try await database.query(JobStatements.latestVersion) { try $0.value("version") }[0]
  }
}
