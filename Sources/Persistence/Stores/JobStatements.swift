/// All SQL of `JobStore`: one statement per transition, guarded by the state it expects.
enum JobStatements {
  static let submit = Statement(
    "submit a job",
    """
    INSERT INTO jobs (id, name, specification, dataset_digest)
    VALUES ($1::uuid, $2, $3, $4) RETURNING *
    """)

  /// Until the transaction's end nobody else can `holdDataset` the same.
  static let keepDataset = Statement(
    "keep a data set", "SELECT pg_advisory_xact_lock_shared(6647140, hashtext($1))")

  /// Until the transaction's end nobody else can `keepDataset` or `holdDataset` the same.
  static let holdDataset = Statement(
    "hold a data set", "SELECT pg_advisory_xact_lock(6647140, hashtext($1))")

  static let find = Statement("find a job", "SELECT * FROM jobs WHERE id = $1::uuid")

  static let list = Statement(
    "list jobs",
    """
    SELECT * FROM jobs
    WHERE sequence < coalesce($1::bigint, 9223372036854775807)
      AND ($2::job_state IS NULL OR state = $2::job_state)
    ORDER BY sequence DESC LIMIT $3::bigint
    """)

  static let cancel = Statement(
    "cancel a job",
    """
    UPDATE jobs SET state = 'cancelled', finished_at = clock_timestamp()
    WHERE id = $1::uuid AND state IN ('queued', 'running') RETURNING *
    """)

  static let pinDataset = Statement(
    "pin a job's data set",
    """
    UPDATE jobs SET dataset_digest = coalesce(dataset_digest, $2)
    WHERE id = $1::uuid AND state IN ('queued', 'running') RETURNING dataset_digest
    """)

  static let probes = Statement(
    "list a job's probes",
    """
    SELECT link.position, probe.* FROM job_probes link JOIN probes probe USING (digest)
    WHERE link.job_id = $1::uuid AND link.position > $2::bigint
    ORDER BY link.position LIMIT $3::bigint
    """)

  // Advancing: all of these run while the job's row is locked.

  /// The lock that orders those who advance one job; whoever gets it sees every outcome committed before.
  static let lock = Statement(
    "lock a live job",
    "SELECT * FROM jobs WHERE id = $1::uuid AND state IN ('queued', 'running') FOR UPDATE")

  /// In order of digest, so that two jobs that insert the same probes can't wait for each other.
  static let createProbes = Statement(
    "create probes",
    """
    INSERT INTO probes (digest, samples, replicate, specification)
    SELECT digest, samples, replicate, specification::json
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[])
      AS wanted (digest, samples, replicate, specification)
    ORDER BY digest
    ON CONFLICT (digest) DO NOTHING
    """)

  /// A probe whose failure was marked is tried afresh when a job that has not met it asks for it.
  static let retryFailedProbes = Statement(
    "retry failed probes",
    """
    UPDATE probes SET state = 'queued', crashes = 0, worker = NULL, started_at = NULL, error = NULL,
      finished_at = NULL
    WHERE state = 'failed' AND digest IN (
      SELECT digest FROM probes
      WHERE digest = ANY($2::text[]) AND state = 'failed'
        AND NOT EXISTS (SELECT FROM job_probes WHERE job_id = $1::uuid AND job_probes.digest = probes.digest)
      ORDER BY digest FOR NO KEY UPDATE)
    """)

  static let linkProbes = Statement(
    "link probes to a job",
    """
    INSERT INTO job_probes (job_id, position, digest)
    SELECT $1::uuid, last.position + row_number() OVER (ORDER BY wanted.ordinality), wanted.digest
    FROM (SELECT coalesce(max(position), 0) AS position FROM job_probes WHERE job_id = $1::uuid) AS last,
      unnest($2::text[]) WITH ORDINALITY AS wanted (digest, ordinality)
    WHERE NOT EXISTS (
      SELECT FROM job_probes WHERE job_id = $1::uuid AND job_probes.digest = wanted.digest)
    """)

  static let recordProgress = Statement(
    "record a job's progress",
    """
    UPDATE jobs SET progress = $2::text::json
    WHERE id = $1::uuid AND state IN ('queued', 'running') AND progress::text IS DISTINCT FROM $2::text
    """)

  /// A job that links to a probe which another job has set going runs from then on.
  static let startIfUnderWay = Statement(
    "start a job whose probes are under way",
    """
    UPDATE jobs SET state = 'running', started_at = clock_timestamp()
    WHERE id = $1::uuid AND state = 'queued' AND EXISTS (
      SELECT FROM job_probes JOIN probes USING (digest)
      WHERE job_id = $1::uuid AND probes.state IN ('running', 'finished'))
    """)

  static let succeed = Statement(
    "complete a job",
    """
    UPDATE jobs SET state = 'succeeded', result = $2, finished_at = clock_timestamp(),
      started_at = coalesce(started_at, clock_timestamp())
    WHERE id = $1::uuid AND state IN ('queued', 'running')
    """)

  static let fail = Statement(
    "fail a job",
    """
    UPDATE jobs SET state = 'failed', error = $2, finished_at = clock_timestamp()
    WHERE id = $1::uuid AND state IN ('queued', 'running')
    """)

  // Looking for work.

  private static let ready = """
    (NOT EXISTS (SELECT FROM job_probes JOIN probes USING (digest)
                 WHERE job_id = jobs.id AND probes.state IN ('queued', 'running'))
     OR EXISTS (SELECT FROM job_probes JOIN probes USING (digest)
                WHERE job_id = jobs.id AND probes.state = 'failed'))
    """

  static let toAdvance = Statement(
    "find jobs to advance",
    """
    SELECT id FROM jobs WHERE state IN ('queued', 'running') AND \(ready) ORDER BY sequence
    """)

  static let isReady = Statement(
    "see whether a job can advance",
    """
    SELECT id FROM jobs WHERE id = $1::uuid AND state IN ('queued', 'running') AND \(ready)
    """)

  static let onDataset = Statement(
    "find a live job on a data set",
    """
    SELECT id FROM jobs WHERE dataset_digest = $1 AND state IN ('queued', 'running') ORDER BY sequence LIMIT 1
    """)

  static let wanting = Statement(
    "find live jobs that want a probe",
    """
    SELECT id FROM jobs JOIN job_probes ON job_id = id
    WHERE digest = $1 AND state IN ('queued', 'running') ORDER BY sequence
    """)
}
