import Foundation

/// Which jobs a list, a count or a change of many is about: those that meet every condition that is given.
package struct JobFilter: Sendable, Hashable {
  /// In one of these states; empty: in any.
  package var states: Set<JobState> = []
  /// With one of these ids; nil: with any.
  package var ids: [UUID]?
  /// With all of these labels; a value of nil: whatever it is.
  package var labels: [Label] = []
  /// On the data set of this name.
  package var dataset: String?
  /// With a model of this kind.
  package var modelKind: String?
  /// With an optimizer of this kind.
  package var optimizerKind: String?
  /// Whose name contains this, whatever the case.
  package var nameContains: String?
  /// Submitted at this time or later.
  package var createdFrom: Date?
  /// Submitted before this time.
  package var createdBefore: Date?
  /// Ended at this time or later.
  package var finishedFrom: Date?
  /// Ended before this time.
  package var finishedBefore: Date?

  /// A label that jobs must have.
  package struct Label: Sendable, Hashable {
    package let key: String
    /// Nil: any.
    package let value: String?

    /// A condition.
    package init(key: String, value: String?) {
      self.key = key
      self.value = value
    }
  }

  /// All jobs.
  package init(states: Set<JobState> = []) { self.states = states }

  /// States that a job has before it has ended, and after.
  package static let unended: Set<JobState> = [.queued, .running, .paused]
  package static let ended: Set<JobState> = [.succeeded, .failed, .cancelled]
}

/// What jobs are listed by.
package enum JobOrder: String, Sendable, Hashable, CaseIterable {
  /// When they were submitted.
  case created
  /// When they ended; only jobs that have.
  case finished
  /// By name, in the order of its small letters' code points; jobs without one first.
  case name
  case priority
  /// The EMC; only jobs that have one.
  case emc

  /// What is compared, with the type of its text in a cursor; nil: the sequence alone.
  fileprivate func key(_ filter: JobFilter) -> (expression: String, type: String)? {
    switch self {
    // By the index of the range, where there is one.
    case .created where filter.createdFrom != nil || filter.createdBefore != nil:
      ("created_at", "timestamptz")
    case .created: nil
    case .finished: ("finished_at", "timestamptz")
    case .name: (#"lower(coalesce(name, '')) COLLATE "C""#, "text")
    case .priority: ("priority", "integer")
    case .emc: ("(result ->> 'emc')::float8", "float8")
    }
  }

  fileprivate var condition: String? {
    switch self {
    case .finished: "finished_at IS NOT NULL"
    case .emc: "(result ->> 'emc') IS NOT NULL"
    case .created, .name, .priority: nil
    }
  }
}

/// The last job of a page: where the next one begins, whatever has come or gone in between.
package struct JobCursor: Sendable, Hashable {
  /// What it was listed by, in PostgreSQL's text form; nil where that is the sequence.
  package let key: String?
  /// The job's place in the order of submission.
  package let sequence: Int64

  /// A place.
  package init(key: String? = nil, sequence: Int64) {
    self.key = key
    self.sequence = sequence
  }
}

/// Conditions on jobs with the parameters that they bind.
struct JobConditions {
  private var texts: [String] = []
  private(set) var parameters: [(any DatabaseEncodable)?] = []

  init(_ filter: JobFilter) {
    if !filter.states.isEmpty {
      // In the order of declaration: equal filters are equal statements.
      add("state = ANY (\(bind(JobState.allCases.filter(filter.states.contains)))::job_state[])")
    }
    if let ids = filter.ids { add("id = ANY (\(bind(ids.map(\.uuidString)))::uuid[])") }
    for label in filter.labels {
      let key = bind(label.key)
      let value = label.value.map { " AND value = \(bind($0))" } ?? ""
      add("sequence IN (SELECT sequence FROM job_labels WHERE key = \(key)\(value))")
    }
    if let dataset = filter.dataset { add("dataset_name = \(bind(dataset))") }
    if let kind = filter.modelKind { add("model_kind = \(bind(kind))") }
    if let kind = filter.optimizerKind { add("optimizer_kind = \(bind(kind))") }
    if let part = filter.nameContains {
      // By the index of trigrams, where there is one.
      let escaped = part.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
      add("lower(name) LIKE lower(\(bind("%\(escaped)%")))")
    }
    if let date = filter.createdFrom { add("created_at >= \(bind(date))::timestamptz") }
    if let date = filter.createdBefore { add("created_at < \(bind(date))::timestamptz") }
    if let date = filter.finishedFrom { add("finished_at >= \(bind(date))::timestamptz") }
    if let date = filter.finishedBefore { add("finished_at < \(bind(date))::timestamptz") }
  }

  mutating func add(_ text: String) { texts.append(text) }

  /// The place of a parameter.
  mutating func bind(_ value: any DatabaseEncodable) -> String {
    parameters.append(value)
    return "$\(parameters.count)"
  }

  /// All of them; of none, TRUE.
  var text: String { texts.isEmpty ? "TRUE" : texts.joined(separator: " AND ") }
}

/// Statements on the jobs of a filter. Their texts are put together from the parts that stand here; what comes from outside
/// is bound.
enum JobListStatements {
  static func page(
    _ filter: JobFilter, _ order: JobOrder, isDescending: Bool, after cursor: JobCursor?, limit: Int
  ) -> (Statement, [(any DatabaseEncodable)?]) {
    var conditions = JobConditions(filter)
    let key = order.key(filter)
    if let condition = order.condition { conditions.add(condition) }
    let (direction, comparison) = isDescending ? ("DESC", "<") : ("ASC", ">")
    if let cursor {
      let sequence = "\(conditions.bind(cursor.sequence))::bigint"
      if let key {
        let value = "\(conditions.bind(cursor.key ?? ""))::\(key.type)"
        conditions.add("(\(key.expression), sequence) \(comparison) (\(value), \(sequence))")
      } else {
        conditions.add("sequence \(comparison) \(sequence)")
      }
    }
    let place = conditions.bind(limit)
    let ordering = (key.map { "\($0.expression) \(direction), " } ?? "") + "sequence \(direction)"
    let statement = Statement(
      "list jobs",
      """
      SELECT *, \(key.map { "(\($0.expression))::text" } ?? "NULL::text") AS cursor_key FROM jobs
      WHERE \(conditions.text) ORDER BY \(ordering) LIMIT \(place)::bigint
      """, isPrepared: false)
    return (statement, conditions.parameters)
  }

  static func count(_ filter: JobFilter) -> (Statement, [(any DatabaseEncodable)?]) {
    let conditions = JobConditions(filter)
    return (
      Statement(
        "count jobs", "SELECT count(*) AS count FROM jobs WHERE \(conditions.text)", isPrepared: false),
      conditions.parameters
    )
  }

  /// In the order of submission, so that two who lock many can't wait for each other. Not `FOR UPDATE`, as an advance's lock.
  static func lock(_ filter: JobFilter) -> (Statement, [(any DatabaseEncodable)?]) {
    let conditions = JobConditions(filter)
    return (
      Statement(
        "lock jobs", "SELECT id FROM jobs WHERE \(conditions.text) ORDER BY sequence FOR NO KEY UPDATE",
        isPrepared: false),
      conditions.parameters
    )
  }

  /// Jobs that have ended after a version and up to another, in the order in which they ended.
  static func ended(
    _ filter: JobFilter, after version: Int64, upTo last: Int64, limit: Int
  ) -> (Statement, [(any DatabaseEncodable)?]) {
    var conditions = JobConditions(filter)
    conditions.add("state IN ('succeeded', 'failed', 'cancelled')")
    conditions.add("version > \(conditions.bind(version))::bigint")
    conditions.add("version <= \(conditions.bind(last))::bigint")
    let place = conditions.bind(limit)
    return (
      Statement(
        "list ended jobs",
        "SELECT * FROM jobs WHERE \(conditions.text) ORDER BY version LIMIT \(place)::bigint",
        isPrepared: false),
      conditions.parameters
    )
  }

  static let cancelMany = Statement(
    "cancel jobs",
    """
    UPDATE jobs SET state = 'cancelled', finished_at = clock_timestamp(), waiting_for = NULL,
      progress = \(JobStatements.idle)
    WHERE id = ANY ($1::uuid[]) AND state IN ('queued', 'running', 'paused')
    """)

  static let releaseProbesOfMany = Statement(
    "release the probes of jobs",
    """
    UPDATE probes SET turn = -1
    WHERE state = 'queued' AND digest IN (
      SELECT probes.digest FROM job_probes link JOIN probes USING (digest)
      WHERE link.job_id = ANY ($1::uuid[]) AND link.ended_as IS NULL AND probes.state = 'queued'
        AND probes.turn IS NOT NULL
      ORDER BY probes.digest FOR NO KEY UPDATE OF probes)
    """)

  static let deleteMany = Statement(
    "delete jobs",
    "DELETE FROM jobs WHERE id = ANY ($1::uuid[]) AND state IN ('succeeded', 'failed', 'cancelled')")

  /// $1 seconds, $2 how many at most.
  static let deleteOld = Statement(
    "delete jobs that ended long ago",
    """
    DELETE FROM jobs WHERE id IN (
      SELECT id FROM jobs WHERE finished_at < clock_timestamp() - make_interval(secs => $1::float8)
      ORDER BY finished_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED)
    """)

  /// Probes that no job links to, and that ended long ago. $1 seconds, $2 how many at most.
  static let deleteOldProbes = Statement(
    "delete probes that no job has",
    """
    DELETE FROM probes WHERE digest IN (
      SELECT digest FROM probes
      WHERE finished_at < clock_timestamp() - make_interval(secs => $1::float8)
        AND NOT EXISTS (SELECT FROM job_probes WHERE job_probes.digest = probes.digest)
      LIMIT $2::bigint FOR UPDATE SKIP LOCKED)
    """)

  static let latestVersion = Statement(
    "find the latest version",
    """
    SELECT greatest(coalesce((SELECT max(version) FROM jobs), 0),
      coalesce((SELECT max(ended_version) FROM job_probes), 0)) AS version
    """)

  /// Arrays, one element a job.
  static let submitMany = Statement(
    "submit jobs",
    """
    INSERT INTO jobs (id, name, specification, dataset_digest, engine_revision, sample_limit, memory_limit_samples,
      shape, classes, parameter_count, waiting_for, labels, priority, request_id, source, trace_parent)
    SELECT id, name, specification::json, dataset_digest, engine_revision, sample_limit, memory_limit_samples,
      shape::json, classes, parameter_count, waiting_for, labels::jsonb, priority, request_id, source, trace_parent
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[], $8::text[],
        $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::integer[], $14::text[], $15::uuid[], $16::text[])
      WITH ORDINALITY AS submitted (id, name, specification, dataset_digest, engine_revision, sample_limit,
        memory_limit_samples, shape, classes, parameter_count, waiting_for, labels, priority, request_id, source,
        trace_parent, number)
    ORDER BY number
    """)

  static let findMany = Statement(
    "find jobs", "SELECT * FROM jobs WHERE id = ANY ($1::uuid[]) ORDER BY sequence")

  // Events.

  /// Of a probe's end, with the job that came to know of it.
  static let endColumns = """
    link.job_id, ended_version, link.position, digest, trajectory, kind, samples, replicate, guard, engine_revision,
      state, outcome, verdict, steps, seconds, backend, kernels, report, error, attempt, crashes, worker, created_at,
      started_at, finished_at
    """

  /// Ends of probes that jobs came to know of after a version, in order. $2 the job, NULL: all.
  static let ends = Statement(
    "list probes that ended",
    """
    SELECT \(endColumns)
    FROM job_probes link JOIN probes USING (digest)
    WHERE ended_version > $1::bigint AND ($2::uuid IS NULL OR link.job_id = $2::uuid)
    ORDER BY ended_version LIMIT $3::bigint
    """)

  static let versionOf = Statement(
    "find a job's version", "SELECT version, state FROM jobs WHERE id = $1::uuid")

  /// A probe of a job with its specification. $1 the job, $2 the digest.
  static let probe = Statement(
    "find a probe of a job",
    """
    SELECT probes.specification AS probe_specification, link.position, digest, trajectory, kind, samples, replicate, guard,
      engine_revision, state, outcome, verdict, steps, seconds, backend, kernels, report, error, attempt, crashes, worker,
      created_at, started_at, finished_at
    FROM job_probes link JOIN probes USING (digest)
    WHERE link.job_id = $1::uuid AND digest = $2
    """)
}
