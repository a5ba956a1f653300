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
}

/// What a probe is for.
package enum ProbeKind: String, Sendable, Hashable, Codable, CaseIterable, DatabaseValue {
  /// One training run from the start.
  case training
  /// A second-order run from where a failed probe ended.
  case verification
}

/// How a training run ended.
package enum ProbeOutcome: String, Sendable, Hashable, Codable, CaseIterable, DatabaseValue {
  /// Every sample's own logit is the largest.
  case fit
  /// At a verified minimum.
  case minimum
  /// Stationary, with negative curvature.
  case saddle
  /// Its steps were spent.
  case budget
  /// Loss or gradient was not finite.
  case diverged
}

/// What a verification found from where a failed probe ended.
package enum ProbeVerdict: String, Sendable, Hashable, Codable, CaseIterable, DatabaseValue {
  /// A perfect fit near by.
  case reachable
  /// A minimum.
  case minimum
  /// A minimum at a kink.
  case nonsmoothMinimum = "nonsmooth_minimum"
  /// Stationary only as the parameters grow without bound.
  case unbounded
  /// None of these for sure.
  case undecided
}

/// A probe that a job asks for.
package struct ProbeRequest: Sendable, Hashable {
  /// The content address: SHA-256 in lowercase hexadecimal.
  package var digest: String
  /// The address of all but the guard: a probe of the same trajectory with a larger guard is the same run,
  /// longer.
  package var trajectory: String
  /// What it is for.
  package var kind: ProbeKind
  /// The number of training samples.
  package var samples: Int
  /// Which of the fresh seeds at this size, from 0.
  package var replicate: Int
  /// The number of steps after which training stops whatever happens.
  package var maxSteps: Int
  /// The content of the data that it draws from, where it draws from any.
  package var datasetDigest: String?
  /// Bytes that training it takes, where that is known.
  package var memory: Int?
  /// The text of a JSON object that alone determines the probe.
  package var specification: String

  /// Describes a probe.
  package init(
    digest: String, trajectory: String, kind: ProbeKind = .training, samples: Int, replicate: Int,
    maxSteps: Int,
    datasetDigest: String? = nil, memory: Int? = nil, specification: String
  ) {
    self.digest = digest
    self.trajectory = trajectory
    self.kind = kind
    self.samples = samples
    self.replicate = replicate
    self.maxSteps = maxSteps
    self.datasetDigest = datasetDigest
    self.memory = memory
    self.specification = specification
  }
}

/// What a search reads of a probe that has finished: columns; of the report no more than how well a network did that was
/// trained to be tested.
package struct ProbeRow: Sendable, Hashable {
  /// The content address.
  package let digest: String
  /// The place in the job's order of asking, from 1.
  package let position: Int64
  /// What it was for.
  package let kind: ProbeKind
  /// The number of training samples.
  package let samples: Int
  /// Which of the fresh seeds at this size, from 0.
  package let replicate: Int
  /// The number of steps after which training would have stopped.
  package let maxSteps: Int
  /// How training ended; nil for some verifications.
  package let outcome: ProbeOutcome?
  /// What a verification found.
  package let verdict: ProbeVerdict?
  /// The codes of its diagnosis.
  package let diagnosis: [String]
  /// The text of a JSON array: the levels of training error that it reached.
  package let reached: String
  /// Steps taken.
  package let steps: Int
  /// The time it took.
  package let seconds: Double
  /// The family of kernels that it ran on.
  package let kernels: String
  /// The shares of training and test samples that it got right, where it was trained to be tested.
  package let accuracies: Accuracies?

  /// Two shares.
  package struct Accuracies: Sendable, Hashable {
    /// Of its training set.
    package let training: Double
    /// Of the test samples.
    package let test: Double
  }

  /// What is read, of `job_probes` as `link` and `probes`. Networks that are trained to be tested are told by their
  /// replicates.
  static let columns = """
    link.position, digest, kind, samples, replicate, guard, outcome, verdict,
      array_to_string(diagnosis, ',') AS diagnosis, reached::text AS reached, steps, seconds, kernels,
      CASE WHEN replicate >= \(Replicates.ofTested) THEN (report ->> 'training_accuracy')::float8 END AS training_accuracy,
      CASE WHEN replicate >= \(Replicates.ofTested) THEN (report ->> 'test_accuracy')::float8 END AS test_accuracy
    """

  init(_ row: Row) throws(DatabaseError) {
    digest = try row.value("digest")
    position = try row.value("position")
    kind = try row.value("kind")
    samples = try row.value("samples")
    replicate = try row.value("replicate")
    maxSteps = try row.value("guard")
    outcome = try row.optional("outcome")
    verdict = try row.optional("verdict")
    diagnosis = try row.value("diagnosis", as: String.self).split(separator: ",").map(String.init)
    reached = try row.value("reached")
    steps = try row.value("steps")
    seconds = try row.value("seconds")
    kernels = try row.value("kernels")
    if let training = try row.optional("training_accuracy", as: Double.self),
      let test = try row.optional("test_accuracy", as: Double.self)
    {
      accuracies = Accuracies(training: training, test: test)
    } else {
      accuracies = nil
    }
  }
}

/// A probe as one job sees it.
package struct ProbeRecord: Sendable, Hashable {
  /// The content address.
  package let digest: String
  /// The place in the job's order of asking, from 1: the cursor of lists.
  package let position: Int64
  /// What it is for.
  package let kind: ProbeKind
  /// The number of training samples.
  package let samples: Int
  /// Which of the fresh seeds at this size, from 0.
  package let replicate: Int
  /// The number of steps after which training stops whatever happens.
  package let maxSteps: Int
  /// Where it stands.
  package let state: ProbeState
  /// There if and only if it has finished (a verification may have none).
  package let outcome: ProbeOutcome?
  /// There if and only if it is a verification that has finished.
  package let verdict: ProbeVerdict?
  /// Steps taken; there if and only if it has finished, like the time.
  package let steps: Int?
  /// The time it took.
  package let seconds: Double?
  /// JSON text, exactly as reported; there if and only if it has finished.
  package let report: String?
  /// There if and only if it has failed.
  package let error: String?
  /// How often it was taken up.
  package let attempts: Int
  /// How often a lease on it ran out since it was last asked for.
  package let crashes: Int
  /// When it was first asked for.
  package let createdAt: Date
  /// When the current or last attempt began.
  package let startedAt: Date?
  /// When it finished or failed.
  package let finishedAt: Date?

  /// What is read, of `job_probes` as `link` and `probes`.
  static let columns = """
    link.position, digest, kind, samples, replicate, guard, state, outcome, verdict, steps, seconds, report, error,
      attempt, crashes, created_at, started_at, finished_at
    """

  init(_ row: Row) throws(DatabaseError) {
    digest = try row.value("digest")
    position = try row.value("position")
    kind = try row.value("kind")
    samples = try row.value("samples")
    replicate = try row.value("replicate")
    maxSteps = try row.value("guard")
    state = try row.value("state")
    outcome = try row.optional("outcome")
    verdict = try row.optional("verdict")
    steps = try row.optional("steps")
    seconds = try row.optional("seconds")
    report = try row.optional("report")
    error = try row.optional("error")
    attempts = try row.value("attempt")
    crashes = try row.value("crashes")
    createdAt = try row.value("created_at")
    startedAt = try row.optional("started_at")
    finishedAt = try row.optional("finished_at")
  }
}
