/// The SQL of an advance: what is read of a live job, and each step that it may take.
extension JobStatements {
  /// Of a live job of this revision: the last link, whether a probe is outstanding, and the error of one that failed.
  /// In this order: what is linked afterwards isn't counted, and what ends afterwards only adds.
  static let view = Statement(
    "look at a live job",
    """
    SELECT engine_revision, coalesce((SELECT max(position) FROM job_probes WHERE job_id = jobs.id), 0) AS last_position,
      EXISTS (SELECT FROM job_probes WHERE job_id = jobs.id AND ended_as IS NULL) AS is_waiting,
      (SELECT coalesce(probes.error, 'a probe failed') FROM job_probes link JOIN probes USING (digest)
        WHERE link.job_id = jobs.id AND link.ended_as = 'failed' ORDER BY link.position LIMIT 1) AS probe_error,
      extract(epoch FROM clock_timestamp() - started_at)::float8 AS elapsed
    FROM jobs
    WHERE id = $1::uuid AND state IN ('queued', 'running') AND coalesce(engine_revision, $2::integer) = $2::integer
    """)

  static let rows = Statement(
    "read what a job's probes found",
    """
    SELECT \(ProbeRow.columns)
    FROM job_probes link JOIN probes USING (digest)
    WHERE link.job_id = $1::uuid AND link.position > $2::bigint AND link.position <= $3::bigint
      AND link.ended_as = 'finished'
    ORDER BY link.position
    """)

  /// The lock that orders those who advance one job; nothing where somebody has gone on from the same place. The turn is
  /// the job's last, or where the queue stands. Not `FOR UPDATE`: what refers to the job may be written meanwhile, as a probe's
  /// end, whose writer has the lock of the versions when it asks for the job and must not wait for one who waits for that.
  static let lock = Statement(
    "lock a live job",
    """
    SELECT priority, greatest(
        (SELECT turn FROM job_probes WHERE job_id = $1::uuid ORDER BY position DESC LIMIT 1),
        \(queueTurn(revision: "$3::integer", priority: "jobs.priority"))) AS turn
    FROM jobs
    WHERE id = $1::uuid AND state IN ('queued', 'running') AND coalesce(engine_revision, $3::integer) = $3::integer
      AND coalesce((SELECT max(position) FROM job_probes WHERE job_id = $1::uuid), 0) = $2::bigint
    FOR NO KEY UPDATE OF jobs
    """)

  static let pinRevision = Statement(
    "pin a job's engine",
    "UPDATE jobs SET engine_revision = $2::integer WHERE id = $1::uuid AND engine_revision IS NULL")

  /// Where the queue of a revision and a priority stands: the turn before its first, or the last that was claimed.
  static func queueTurn(revision: String, priority: String) -> String {
    """
    coalesce(
      (SELECT turn - 1 FROM probes
        WHERE state = 'queued' AND turn IS NOT NULL AND engine_revision = \(revision) AND priority = \(priority)
        ORDER BY turn LIMIT 1),
      (SELECT last_value FROM probe_turns))
    """
  }

  /// In order of digest, so that two jobs that insert the same probes can't wait for each other.
  /// $10 revision, $11 priority, $12 the turn before theirs.
  static let createProbes = Statement(
    "create probes",
    """
    INSERT INTO probes (digest, trajectory, kind, samples, replicate, guard, dataset_digest, memory, specification,
      engine_revision, priority, turn)
    SELECT digest, trajectory, kind::probe_kind, samples, replicate, guard, dataset_digest, memory,
      specification::json, $10::integer, $11::integer, $12::bigint + ordinality
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
        $8::bigint[], $9::text[])
      WITH ORDINALITY AS wanted (digest, trajectory, kind, samples, replicate, guard, dataset_digest, memory,
        specification, ordinality)
    ORDER BY digest
    ON CONFLICT (digest) DO NOTHING
    """)

  /// A probe whose failure was marked is tried afresh when a job that has not met it asks for it.
  static let retryFailedProbes = Statement(
    "retry failed probes",
    """
    UPDATE probes SET state = 'queued', crashes = 0, worker = NULL, started_at = NULL, error = NULL,
      finished_at = NULL
    WHERE state = 'failed' AND digest = ANY (ARRAY (
      SELECT digest FROM probes
      WHERE digest = ANY($2::text[]) AND state = 'failed'
        AND NOT EXISTS (SELECT FROM job_probes WHERE job_id = $1::uuid AND job_probes.digest = probes.digest)
      ORDER BY digest FOR NO KEY UPDATE))
    """)

  /// $3 the last position so far, $4 the last turn. The probes' rows are locked, so that one that ends
  /// meanwhile either shows here or finds the link.
  static let linkProbes = Statement(
    "link probes to a job",
    """
    WITH locked AS MATERIALIZED (
      SELECT digest, state FROM probes WHERE digest = ANY($2::text[]) ORDER BY digest FOR SHARE
    )
    INSERT INTO job_probes (job_id, position, digest, turn, ended_as)
    SELECT $1::uuid, $3::bigint + row_number() OVER (ORDER BY wanted.ordinality), wanted.digest,
      $4::bigint + row_number() OVER (ORDER BY wanted.ordinality),
      CASE WHEN locked.state IN ('finished', 'failed') THEN locked.state END
    FROM unnest($2::text[]) WITH ORDINALITY AS wanted (digest, ordinality) JOIN locked USING (digest)
    WHERE NOT EXISTS (
      SELECT FROM job_probes WHERE job_id = $1::uuid AND job_probes.digest = wanted.digest)
    """)

  /// Queued probes that a job wants earlier, or with more weight, than those that wanted them so far. What is
  /// written makes the guard compute their place.
  static let queueProbes = Statement(
    "queue probes for a job",
    """
    UPDATE probes SET turn = -1
    WHERE state = 'queued' AND digest = ANY (ARRAY (
      SELECT probes.digest FROM job_probes link JOIN probes USING (digest)
      WHERE link.job_id = $1::uuid AND link.position > $2::bigint AND probes.state = 'queued'
        AND (probes.turn IS NULL OR probes.turn > link.turn OR probes.priority < $3::integer)
      ORDER BY probes.digest FOR NO KEY UPDATE OF probes))
    """)

  /// $2 the positions of the probes that a job's result rests on: the links to those that it didn't wait for go.
  static let deleteOtherLinks = Statement(
    "let go of the probes that a job didn't wait for",
    "DELETE FROM job_probes WHERE job_id = $1::uuid AND position <> ALL ($2::bigint[])")

  /// $2 the progress; nil: it stays. A job that is linked to a probe which another job has set going runs from then on.
  /// Says whether there is anything to wait for; nothing where nothing changes.
  static let goOn = Statement(
    "record how far a job is", progress(where: "true", returning: "\(ready) AS is_ready"))

  /// As above for a job that only waits, where nobody has gone on from the place at $3.
  static let show = Statement(
    "show how far a job is",
    progress(
      where: "coalesce((SELECT max(position) FROM job_probes WHERE job_id = $1::uuid), 0) = $3::bigint",
      returning: "id"))

  private static func progress(where condition: String, returning columns: String) -> String {
    """
    WITH job AS MATERIALIZED (
      SELECT state = 'queued' AND EXISTS (
        SELECT FROM job_probes JOIN probes USING (digest)
        WHERE job_id = $1::uuid AND probes.state IN ('running', 'finished')) AS begins
      FROM jobs WHERE id = $1::uuid
    )
    UPDATE jobs SET progress = coalesce($2::text::json, progress),
      state = CASE WHEN begins THEN 'running' ELSE state END,
      started_at = CASE WHEN begins THEN clock_timestamp() ELSE started_at END
    FROM job
    WHERE id = $1::uuid AND state IN ('queued', 'running')
      AND (begins OR progress::text IS DISTINCT FROM coalesce($2::text, progress::text)) AND \(condition)
    RETURNING \(columns)
    """
  }

  static let succeed = Statement(
    "complete a job",
    """
    UPDATE jobs SET state = 'succeeded', result = $2, progress = coalesce($3::text::json, progress),
      finished_at = clock_timestamp(), started_at = coalesce(started_at, clock_timestamp()), waiting_for = NULL
    WHERE id = $1::uuid AND state IN ('queued', 'running')
    """)

  static let fail = Statement(
    "fail a job",
    """
    UPDATE jobs SET state = 'failed', error = $2, finished_at = clock_timestamp(), waiting_for = NULL,
      progress = \(idle)
    WHERE id = $1::uuid AND state IN ('queued', 'running')
    """)
}
