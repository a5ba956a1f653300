import Foundation

/// What a job is to do next, given the probes that have ended.
package enum JobAdvance: Sendable, Hashable {
  /// Probes are outstanding. A progress of nil leaves the stored one.
  case wait(progress: String?)
  /// These probes are wanted. Those that exist are shared, those already linked are ignored.
  case enqueue([ProbeRequest], progress: String?)
  /// The search has ended with this result (the text of a JSON object, without the probes). A progress of nil
  /// leaves the stored one.
  case succeed(result: String, progress: String?)
  /// The job can't be carried out.
  case fail(error: String)
}

/// What became of a request to cancel, pause, resume or delete a job.
package enum JobChange: Sendable, Hashable {
  /// It is done, and this is the job now (or was, when it has been deleted).
  case done(JobRecord)
  /// The job stands where that can't be asked of it.
  case refused(JobState)
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
