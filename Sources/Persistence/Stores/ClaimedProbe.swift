/// Who claims probes, and which ones it can work on.
package struct ProbeClaimant: Sendable, Hashable {
  /// The name that the claim is kept under.
  package var worker: String
  /// Only probes that take at most so many bytes.
  package var memory: Int
  /// Not those that draw from these data sets, which this machine lacks.
  package var lackingDatasets: [String]

  /// A claimant that can work on everything but what is said.
  package init(worker: String, memory: Int = .max, lackingDatasets: [String] = []) {
    self.worker = worker
    self.memory = memory
    self.lackingDatasets = lackingDatasets
  }
}

/// A probe that a worker has a lease on.
package struct ClaimedProbe: Sendable, Hashable {
  /// The content address.
  package let digest: String
  /// The address of all but the guard.
  package let trajectory: String
  /// What it is for.
  package let kind: ProbeKind
  /// The number of training samples.
  package let samples: Int
  /// Which of the fresh seeds at this size, from 0.
  package let replicate: Int
  /// The number of steps after which training stops whatever happens.
  package let maxSteps: Int
  /// The content of the data that it draws from.
  package let datasetDigest: String?
  /// Bytes that training it takes, where that is known.
  package let memory: Int?
  /// The text of the JSON object that alone determines the probe.
  package let specification: String
  /// The fencing token: whoever holds an older one can't write.
  package let attempt: Int64
  /// Who claimed it.
  package let worker: String
  /// Whether there was a checkpoint to go on from when it was claimed.
  package let hasCheckpoint: Bool

  init(_ row: Row) throws(DatabaseError) {
    digest = try row.value("digest")
    trajectory = try row.value("trajectory")
    kind = try row.value("kind")
    samples = try row.value("samples")
    replicate = try row.value("replicate")
    maxSteps = try row.value("guard")
    datasetDigest = try row.optional("dataset_digest")
    memory = try row.optional("memory")
    specification = try row.value("specification")
    attempt = try row.value("attempt")
    worker = try row.value("worker")
    hasCheckpoint = try row.value("has_checkpoint")
  }
}

/// What must still hold for a worker to write something of a probe.
package struct ProbeFence: Sendable, Hashable, Codable {
  /// The content address.
  package let digest: String
  /// The attempt that the worker has.
  package let attempt: Int64

  /// An attempt on a probe.
  package init(digest: String, attempt: Int64) {
    self.digest = digest
    self.attempt = attempt
  }
}

extension ClaimedProbe {
  /// What must still hold for the worker to write something.
  package var fence: ProbeFence { ProbeFence(digest: digest, attempt: attempt) }
}

/// How a probe ended.
package struct ProbeMeasurement: Sendable, Hashable, Codable {
  /// How training ended; nil for a verification without a run of its own.
  package var outcome: ProbeOutcome?
  /// What a verification found; nil for a training run.
  package var verdict: ProbeVerdict?
  /// The codes of its diagnosis.
  package var diagnosis: [String]
  /// The text of a JSON array: the levels of training error that it reached.
  package var reached: String
  /// Steps taken.
  package var steps: Int
  /// The time it took.
  package var seconds: Double
  /// What it was computed by.
  package var backend: String
  /// The family of kernels that it ran on.
  package var kernels: String
  /// The text of a JSON object, kept exactly.
  package var report: String

  /// Describes an end.
  package init(
    outcome: ProbeOutcome?, verdict: ProbeVerdict? = nil, diagnosis: [String] = [], reached: String = "[]",
    steps: Int, seconds: Double, backend: String = "cpu", kernels: String, report: String
  ) {
    self.outcome = outcome
    self.verdict = verdict
    self.diagnosis = diagnosis
    self.reached = reached
    self.steps = steps
    self.seconds = seconds
    self.backend = backend
    self.kernels = kernels
    self.report = report
  }
}
