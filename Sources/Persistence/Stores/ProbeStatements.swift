/// All SQL of `ProbeQueue`: one statement per transition, guarded by state and attempt.
enum ProbeStatements {
  /// $1 worker, $2 lease in seconds, $3 crashes that are too many.
  ///
  /// The candidate is the first probe that the oldest live job still needs: one that waits, or one whose
  /// lease ran out. Rows that another worker is just claiming are skipped. The jobs that want the probe
  /// begin to run in the same statement.
  static let claim = Statement(
    "claim a probe",
    """
    WITH abandoned AS (
      UPDATE probes SET state = 'failed', crashes = crashes + 1, lease_expires_at = NULL,
        finished_at = clock_timestamp(),
        error = 'The probe of ' || samples || ' samples, replicate ' || replicate || ', was given up after '
          || crashes + 1 || ' workers in a row ended without an outcome (crashed, killed or out of memory)'
      WHERE digest IN (
        SELECT digest FROM probes
        WHERE state = 'running' AND lease_expires_at <= statement_timestamp() AND crashes + 1 >= $3::integer
        ORDER BY digest FOR NO KEY UPDATE SKIP LOCKED)
    ), candidate AS (
      SELECT probe.digest
      FROM jobs JOIN job_probes link ON link.job_id = jobs.id JOIN probes probe USING (digest)
      WHERE jobs.state IN ('queued', 'running')
        AND (probe.state = 'queued'
          OR (probe.state = 'running' AND probe.lease_expires_at <= statement_timestamp()
            AND probe.crashes + 1 < $3::integer))
      ORDER BY jobs.sequence, link.position LIMIT 1
      FOR NO KEY UPDATE OF probe SKIP LOCKED
    ), claimed AS (
      UPDATE probes SET state = 'running', attempt = attempt + 1, worker = $1,
        crashes = crashes + (state = 'running')::integer, started_at = clock_timestamp(),
        lease_expires_at = clock_timestamp() + make_interval(secs => $2::float8)
      FROM candidate WHERE probes.digest = candidate.digest
      RETURNING probes.*
    ), started AS (
      UPDATE jobs SET state = 'running', started_at = clock_timestamp()
      WHERE state = 'queued'
        AND id IN (SELECT job_id FROM job_probes JOIN claimed USING (digest))
    )
    SELECT * FROM claimed
    """)

  /// $1 digest, $2 attempt, $3 lease in seconds. A probe that no live job wants any more goes back to the
  /// queue, where it is never claimed unless a new job asks for it.
  static let heartbeat = Statement(
    "extend a lease",
    """
    UPDATE probes SET
      state = CASE WHEN wanted THEN 'running' ELSE 'queued' END::probe_state,
      lease_expires_at = CASE WHEN wanted THEN clock_timestamp() + make_interval(secs => $3::float8) END,
      worker = CASE WHEN wanted THEN worker END,
      started_at = CASE WHEN wanted THEN started_at END
    FROM (SELECT EXISTS (
      SELECT FROM job_probes JOIN jobs ON jobs.id = job_id
      WHERE job_probes.digest = $1 AND jobs.state IN ('queued', 'running')) AS wanted) AS demand
    WHERE digest = $1 AND attempt = $2::bigint AND state = 'running'
    RETURNING demand.wanted
    """)

  static let finish = Statement(
    "record an outcome",
    """
    UPDATE probes SET state = 'finished', outcome = $3, report = $4, lease_expires_at = NULL,
      finished_at = clock_timestamp()
    WHERE digest = $1 AND attempt = $2::bigint AND state = 'running'
    """)

  static let handBack = Statement(
    "hand a probe back",
    """
    UPDATE probes SET state = 'queued', lease_expires_at = NULL, worker = NULL, started_at = NULL
    WHERE digest = $1 AND attempt = $2::bigint AND state = 'running'
    """)

  static let fail = Statement(
    "mark a probe as failed",
    """
    UPDATE probes SET state = 'failed', error = $3, lease_expires_at = NULL,
      finished_at = clock_timestamp()
    WHERE digest = $1 AND attempt = $2::bigint AND state = 'running'
    """)

  /// Leases of workers that are known to be dead run out at once.
  static let expireLeases = Statement(
    "let the leases of a dead worker run out",
    """
    UPDATE probes SET lease_expires_at = clock_timestamp()
    WHERE state = 'running' AND lease_expires_at > clock_timestamp() AND starts_with(worker, $1)
    """)

  /// $1 what the workers' names begin with.
  static let demand = Statement(
    "count the probes that workers train or wait for them",
    """
    SELECT (SELECT count(*) FROM probes WHERE state = 'running' AND starts_with(worker, $1))
      + (SELECT count(DISTINCT digest)
        FROM jobs JOIN job_probes link ON link.job_id = jobs.id JOIN probes probe USING (digest)
        WHERE jobs.state IN ('queued', 'running') AND probe.state = 'queued') AS count
    """)

  static let outstanding = Statement(
    "count probes by state",
    "SELECT state, count(*) AS count FROM probes GROUP BY state")
}
