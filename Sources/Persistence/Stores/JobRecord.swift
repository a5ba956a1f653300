import Foundation

/// Where a job stands. The database allows queued → running → succeeded | failed | cancelled, and a queued
/// job to end without having run; what has ended never changes again.
package enum JobState: String, Sendable, Hashable, Codable, CaseIterable, DatabaseValue {
  /// No probe that it wants has been trained or is being trained.
  case queued
  /// A probe that it wants is being trained or has been.
  case running
  /// It has a result.
  case succeeded
  /// It has an error.
  case failed
  /// Its client called it off.
  case cancelled

  /// Whether the job can still advance.
  package var isLive: Bool { self == .queued || self == .running }
}

/// A job as the database has it.
package struct JobRecord: Sendable, Hashable, Identifiable {
  /// Time-ordered (UUID version 7).
  package let id: UUID
  /// Grows with every submission: the order of jobs and the cursor of lists.
  package let sequence: Int64
  /// The client's label.
  package let name: String?
  /// Where it stands.
  package let state: JobState
  /// JSON text, exactly as submitted.
  package let specification: String
  /// SHA-256 of the data set's content, once it is known; then it never changes.
  package let datasetDigest: String?
  /// JSON text of an object.
  package let progress: String?
  /// JSON text of an object; there if and only if the job succeeded.
  package let result: String?
  /// There if and only if the job failed.
  package let error: String?
  /// By the database's clock.
  package let createdAt: Date
  /// When the first of its probes was taken up.
  package let startedAt: Date?
  /// There if and only if the job has ended.
  package let finishedAt: Date?

  init(_ row: Row) throws(DatabaseError) {
    id = try row.value("id")
    sequence = try row.value("sequence")
    name = try row.optional("name")
    state = try row.value("state")
    specification = try row.value("specification")
    datasetDigest = try row.optional("dataset_digest")
    progress = try row.optional("progress")
    result = try row.optional("result")
    error = try row.optional("error")
    createdAt = try row.value("created_at")
    startedAt = try row.optional("started_at")
    finishedAt = try row.optional("finished_at")
  }
}

/// What a job is to do next, given its probes.
package enum JobAdvance: Sendable, Hashable {
  /// Probes are outstanding. A progress of nil leaves the stored one.
  case wait(progress: String?)
  /// These probes are wanted. Those that exist are shared, those already linked are ignored.
  case enqueue([ProbeRequest], progress: String?)
  /// The search has ended with this result (the text of a JSON object).
  case succeed(result: String)
  /// The job can't be carried out.
  case fail(error: String)
}

/// What became of a request to cancel a job.
package enum CancelResult: Sendable, Hashable {
  /// The job is cancelled now.
  case cancelled(JobRecord)
  /// It had ended before, with this state.
  case alreadyFinished(JobState)
  /// There is no such job.
  case notFound
}

/// A job could not be advanced.
package enum AdvanceError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Every probe has ended, yet no new one, no result and no error came: the job would wait for ever.
  case noProgress(job: UUID)

  /// One line for logs.
  package var description: String {
    switch self {
    case .noProgress(let job): "Job \(job) has no outstanding probe and was given nothing new to do"
    }
  }
}
