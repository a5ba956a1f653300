import Foundation

/// Where a job stands. The database allows queued → running → succeeded | failed | cancelled, a queued job to
/// end without having run, and any that has not ended to be paused and resumed; what has ended never changes
/// again.
package enum JobState: String, Sendable, Hashable, Codable, CaseIterable, DatabaseValue {
  /// No probe that it wants has been trained or is being trained.
  case queued
  /// A probe that it wants is being trained or has been.
  case running
  /// Its client holds it: no probe is trained for it, and it doesn't advance.
  case paused
  /// It has a result.
  case succeeded
  /// It has an error.
  case failed
  /// Its client called it off.
  case cancelled

  /// Whether the job can advance as it stands.
  package var isLive: Bool { self == .queued || self == .running }

  /// Whether nothing changes any more.
  package var hasEnded: Bool { !isLive && self != .paused }
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
  /// Raised by every change, from one sequence for all jobs whose numbers appear in order.
  package let version: Int64
  /// What the job was admitted with.
  package let admission: JobAdmission
  /// What it waits for besides a free worker, in words; nil when nothing is lacking.
  package let waitingFor: String?
  /// JSON text of an object: the client's own.
  package let labels: String
  /// Probes of a larger one are claimed first.
  package let priority: Int
  /// The request that submitted it.
  package let requestID: String?
  /// The span of whoever submitted it, as W3C Trace Context writes it.
  package let traceParent: String?
  /// The job that it was made from.
  package let source: UUID?
  /// JSON text of an object.
  package let progress: String?
  /// JSON text of an object, without the probes; there if and only if the job succeeded.
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
    version = try row.value("version")
    admission = try JobAdmission(row)
    waitingFor = try row.optional("waiting_for")
    labels = try row.value("labels")
    priority = try row.value("priority")
    requestID = try row.optional("request_id")
    traceParent = try row.optional("trace_parent")
    source = try row.optional("source")
    progress = try row.optional("progress")
    result = try row.optional("result")
    error = try row.optional("error")
    createdAt = try row.value("created_at")
    startedAt = try row.optional("started_at")
    finishedAt = try row.optional("finished_at")
  }
}

/// What a job was admitted with, so that advancing it needs rows alone. What isn't known at submission is nil
/// until the first process that knows it writes it (`JobStore.pin`); then it stays.
package struct JobAdmission: Sendable, Hashable {
  /// The engine's revision that the job began with: no other advances it.
  package var engineRevision: Int?
  /// The number of samples that the data set has to draw from.
  package var sampleLimit: Int?
  /// The largest size that memory allowed at admission.
  package var memoryLimitSamples: Int?
  /// JSON text: the shape of a sample.
  package var shape: String?
  /// The number of classes.
  package var classes: Int?
  /// P, the number of trainable parameters.
  package var parameterCount: Int?

  /// Nothing is known but what is given.
  package init(
    sampleLimit: Int? = nil, memoryLimitSamples: Int? = nil, shape: String? = nil, classes: Int? = nil,
    parameterCount: Int? = nil
  ) {
    self.sampleLimit = sampleLimit
    self.memoryLimitSamples = memoryLimitSamples
    self.shape = shape
    self.classes = classes
    self.parameterCount = parameterCount
  }

  init(_ row: Row) throws(DatabaseError) {
    engineRevision = try row.optional("engine_revision")
    sampleLimit = try row.optional("sample_limit")
    memoryLimitSamples = try row.optional("memory_limit_samples")
    shape = try row.optional("shape")
    classes = try row.optional("classes")
    parameterCount = try row.optional("parameter_count")
  }
}

/// A job to be stored.
package struct JobSubmission: Sendable, Hashable {
  /// The text of a JSON object, kept exactly.
  package var specification: String
  /// The client's label.
  package var name: String?
  /// The data that it runs on, where they are known.
  package var datasetDigest: String?
  /// What it is admitted with, as far as it is known.
  package var admission: JobAdmission
  /// What it waits for besides a free worker, in words.
  package var waitingFor: String?
  /// JSON text of an object.
  package var labels: String
  /// Probes of a larger one are claimed first.
  package var priority: Int
  /// The request that submits it.
  package var requestID: String?
  /// The span of whoever submits it, as W3C Trace Context writes it.
  package var traceParent: String?
  /// The job that it is made from.
  package var source: UUID?

  /// Describes a job.
  package init(
    specification: String, name: String? = nil, datasetDigest: String? = nil,
    admission: JobAdmission = JobAdmission(), waitingFor: String? = nil, labels: String = "{}",
    priority: Int = 0, requestID: String? = nil
  ) {
    self.specification = specification
    self.name = name
    self.datasetDigest = datasetDigest
    self.admission = admission
    self.waitingFor = waitingFor
    self.labels = labels
    self.priority = priority
    self.requestID = requestID
  }
}
