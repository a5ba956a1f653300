/// The SQL of `JobStore`: one statement per transition, guarded by the state it expects. Here is what stores jobs and looks at
/// them; `JobStatements+Changes` has what clients ask of them, `JobStatements+Advance` the steps of an advance, and
/// `JobListStatements` what is put together for a filter.
enum JobStatements {
  /// Gives the jobs that this transaction has changed their versions now, to be read before the commit.
  static let stamp = Statement("stamp changed jobs", "SET CONSTRAINTS ALL IMMEDIATE")

  /// Arrays, one element a job.
  static let submit = Statement(
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

  /// Until the transaction's end nobody else can `holdDataset` the same.
  static let keepDataset = Statement(
    "keep a data set", "SELECT pg_advisory_xact_lock_shared(6647140, hashtext($1))")

  /// Until the transaction's end nobody else can `keepDataset` or `holdDataset` the same.
  static let holdDataset = Statement(
    "hold a data set", "SELECT pg_advisory_xact_lock(6647140, hashtext($1))")

  static let find = Statement("find a job", "SELECT * FROM jobs WHERE id = $1::uuid")

  static let findMany = Statement(
    "find jobs", "SELECT * FROM jobs WHERE id = ANY ($1::uuid[]) ORDER BY sequence")

  /// What is known already stays.
  static let pin = Statement(
    "pin what a job runs on",
    """
    UPDATE jobs SET dataset_digest = coalesce(dataset_digest, $2),
      sample_limit = coalesce(sample_limit, $3::bigint),
      memory_limit_samples = coalesce(memory_limit_samples, $4::bigint),
      shape = coalesce(shape, $5::json), classes = coalesce(classes, $6::bigint),
      parameter_count = coalesce(parameter_count, $7::bigint)
    WHERE id = $1::uuid AND state IN ('queued', 'running', 'paused')
    """)

  /// $1 bytes, $2 engine revision. What is queued is looked through only where the largest, which an index has, is too large.
  static let waitForMemory = Statement(
    "say which jobs wait for memory",
    """
    UPDATE jobs SET waiting_for = 'a machine whose probes may take ' || (needed.memory + 1048575) / 1048576
      || ' MiB together (--memory-limit)'
    FROM (
      SELECT job_id, min(probes.memory) AS memory
      FROM probes JOIN job_probes USING (digest)
      WHERE probes.state = 'queued' AND probes.turn IS NOT NULL AND engine_revision = $2::integer
        AND probes.memory > $1::bigint
      GROUP BY job_id) AS needed
    WHERE (SELECT max(memory) FROM probes WHERE state = 'queued' AND turn IS NOT NULL AND memory IS NOT NULL) > $1::bigint
      AND id = needed.job_id AND state IN ('queued', 'running') AND waiting_for IS NULL
      AND NOT EXISTS (
        SELECT FROM job_probes JOIN probes USING (digest)
        WHERE job_id = jobs.id AND ended_as IS NULL AND (probes.state = 'running' OR probes.state = 'queued'
          AND probes.turn IS NOT NULL AND (probes.memory IS NULL OR probes.memory <= $1::bigint)))
    """)

  static let waitFor = Statement(
    "say what a job waits for",
    """
    UPDATE jobs SET waiting_for = $2
    WHERE id = $1::uuid AND state IN ('queued', 'running', 'paused') AND waiting_for IS DISTINCT FROM $2
    """)

  static let probes = Statement(
    "list a job's probes",
    """
    SELECT \(ProbeRecord.columns)
    FROM job_probes link JOIN probes USING (digest)
    WHERE link.job_id = $1::uuid AND link.position > $2::bigint
    ORDER BY link.position LIMIT $3::bigint
    """)

  /// With its specification. $1 the job, $2 the digest.
  static let probe = Statement(
    "find a probe of a job",
    """
    SELECT probes.specification AS probe_specification, \(ProbeRecord.columns)
    FROM job_probes link JOIN probes USING (digest)
    WHERE link.job_id = $1::uuid AND digest = $2
    """)

  // Events.

  static let changes = Statement(
    "list changed jobs",
    "SELECT * FROM jobs WHERE version > $1::bigint ORDER BY version LIMIT $2::bigint")

  /// Ends of probes that jobs came to know of after a version, in order. $2 the job, NULL: all.
  static let ends = Statement(
    "list probes that ended",
    """
    SELECT \(ProbeEnd.columns)
    FROM job_probes link JOIN probes USING (digest)
    WHERE ended_version > $1::bigint AND ($2::uuid IS NULL OR link.job_id = $2::uuid)
    ORDER BY ended_version LIMIT $3::bigint
    """)

  static let latestVersion = Statement(
    "find the latest version",
    """
    SELECT greatest(coalesce((SELECT max(version) FROM jobs), 0),
      coalesce((SELECT max(ended_version) FROM job_probes), 0)) AS version
    """)

  static let versionOf = Statement(
    "find a job's version", "SELECT version, state FROM jobs WHERE id = $1::uuid")

  // Looking for work.

  /// Whether a job can go on: nothing of it is outstanding, or a probe has failed.
  static let ready = """
    (NOT EXISTS (SELECT FROM job_probes WHERE job_id = jobs.id AND ended_as IS NULL)
     OR EXISTS (SELECT FROM job_probes WHERE job_id = jobs.id AND ended_as = 'failed'))
    """

  static let toAdvance = Statement(
    "find jobs to advance",
    """
    SELECT id FROM jobs
    WHERE state IN ('queued', 'running') AND coalesce(engine_revision, $1::integer) = $1::integer AND \(ready)
    ORDER BY sequence
    """)

  /// $1 engine revision. In the words of the index of the few that are limited, lest all that run be looked at each second: the
  /// state as text, which no index has.
  static let outOfTime = Statement(
    "find jobs whose time is up",
    """
    SELECT id FROM jobs
    WHERE started_at IS NOT NULL AND finished_at IS NULL AND specification #>> '{limits,max_seconds}' IS NOT NULL
      AND state::text = 'running' AND coalesce(engine_revision, $1::integer) = $1::integer
      AND extract(epoch FROM clock_timestamp() - started_at)
        >= (specification #>> '{limits,max_seconds}')::float8
    ORDER BY started_at
    """)

  static let isReady = Statement(
    "see whether a job can advance",
    "SELECT id FROM jobs WHERE id = $1::uuid AND state IN ('queued', 'running') AND \(ready)")

  static let onDataset = Statement(
    "find a job on a data set",
    """
    SELECT id FROM jobs WHERE dataset_digest = $1 AND state IN ('queued', 'running', 'paused')
    ORDER BY sequence LIMIT 1
    """)

  /// Each job is looked up by its key, whatever the planner thought of the table when it was small.
  static let wanting = Statement(
    "find live jobs that want probes",
    """
    SELECT id, is_ready
    FROM (SELECT DISTINCT job_id FROM job_probes WHERE digest = ANY($1::text[])) AS link
    CROSS JOIN LATERAL (
      SELECT id, sequence, state, engine_revision, \(ready) AS is_ready FROM jobs WHERE id = link.job_id OFFSET 0) AS job
    WHERE state IN ('queued', 'running') AND coalesce(engine_revision, $2::integer) = $2::integer
    ORDER BY sequence
    """)

  /// $1 this process's revision, $2 seconds.
  static let orphans = Statement(
    "find jobs whose engine is gone",
    """
    SELECT id, engine_revision FROM jobs
    WHERE state IN ('queued', 'running') AND engine_revision <> $1::integer
      AND NOT EXISTS (
        SELECT FROM processes
        WHERE processes.engine_revision = jobs.engine_revision
          AND seen_at > clock_timestamp() - make_interval(secs => $2::float8))
    ORDER BY sequence
    """)
}
