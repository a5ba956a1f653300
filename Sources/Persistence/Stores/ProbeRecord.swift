import Foundation

/// Where a probe stands. The database allows queued → running → finished | failed, running → queued (handed
/// back), running → running (taken over) and failed → queued (asked for again); finished is for ever.
package enum ProbeState: String, Sendable, Hashable, Codable, CaseIterable, DatabaseValue {
  /// Waits for a worker.
  case queued
  /// A worker has its lease.
  case running
  /// It has an outcome.
  case finished
  /// It can't be run; the jobs that want it fail.
  case failed

  /// Whether an outcome may still come.
  package var isOutstanding: Bool { self == .queued || self == .running }
}

/// A probe that a job asks for.
package struct ProbeRequest: Sendable, Hashable {
  /// The content address: SHA-256 in lowercase hexadecimal.
  package let digest: String
  /// The number of training samples.
  package let samples: Int
  /// Which of the fresh seeds at this size, from 0.
  package let replicate: Int
  /// The text of a JSON object that alone determines the probe.
  package let specification: String

  /// Describes a probe.
  package init(digest: String, samples: Int, replicate: Int, specification: String) {
    self.digest = digest
    self.samples = samples
    self.replicate = replicate
    self.specification = specification
  }
}

/// A probe as one job sees it.
package struct ProbeRecord: Sendable, Hashable {
  /// The content address.
  package let digest: String
  /// The place in the job's order of asking, from 1: the cursor of lists.
  package let position: Int64
  /// The number of training samples.
  package let samples: Int
  /// Which of the fresh seeds at this size, from 0.
  package let replicate: Int
  /// Where it stands.
  package let state: ProbeState
  /// There if and only if it has finished.
  package let outcome: String?
  /// JSON text, exactly as reported; there if and only if it has finished.
  package let report: String?
  /// There if and only if it has failed.
  package let error: String?
  /// How often it was taken up.
  package let attempts: Int
  /// How often a lease on it ran out since it was last asked for.
  package let crashes: Int
  /// Who runs it, or ran it last.
  package let worker: String?
  /// When it was first asked for.
  package let createdAt: Date
  /// When the current or last attempt began.
  package let startedAt: Date?
  /// When it finished or failed.
  package let finishedAt: Date?

  init(_ row: Row) throws(DatabaseError) {
    digest = try row.value("digest")
    position = try row.value("position")
    samples = try row.value("samples")
    replicate = try row.value("replicate")
    state = try row.value("state")
    outcome = try row.optional("outcome")
    report = try row.optional("report")
    error = try row.optional("error")
    attempts = try row.value("attempt")
    crashes = try row.value("crashes")
    worker = try row.optional("worker")
    createdAt = try row.value("created_at")
    startedAt = try row.optional("started_at")
    finishedAt = try row.optional("finished_at")
  }
}

/// A probe that a worker has a lease on.
package struct ClaimedProbe: Sendable, Hashable {
  /// The content address.
  package let digest: String
  /// The number of training samples.
  package let samples: Int
  /// Which of the fresh seeds at this size, from 0.
  package let replicate: Int
  /// The text of the JSON object that alone determines the probe.
  package let specification: String
  /// The fencing token: whoever holds an older one can't write.
  package let attempt: Int64
  /// Who claimed it.
  package let worker: String

  init(_ row: Row) throws(DatabaseError) {
    digest = try row.value("digest")
    samples = try row.value("samples")
    replicate = try row.value("replicate")
    specification = try row.value("specification")
    attempt = try row.value("attempt")
    worker = try row.value("worker")
  }
}
