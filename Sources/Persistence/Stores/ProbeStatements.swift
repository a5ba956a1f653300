/// All SQL of `ProbeQueue`: one statement per transition, guarded by state and attempt.
enum ProbeStatements {
  /// $1 worker, $2 lease in seconds, $3 engine revision, $4 how many at most, $5 memory in bytes, $6 data
  /// sets that this machine lacks.
  ///
  /// The candidates are the first of the queue. Rows that another worker is just claiming are skipped. The
  /// jobs that want the probes begin to run in the same statement, looked up by their keys and not by their state, which
  /// thousands may have; and the queue's turn moves on.
  ///
  /// A job that somebody else has locked doesn't begin here but with `start`, and `is_incomplete` says that there is one: who
  /// cancels, pauses or advances jobs locks them first and their probes afterwards, so a claim must not wait for a job.
  static let claim = Statement(
    "claim probes",
    """
    WITH candidate AS (
      SELECT digest FROM probes
      WHERE state = 'queued' AND turn IS NOT NULL AND engine_revision = $3::integer
        AND coalesce(memory <= $5::bigint, true) AND coalesce(dataset_digest <> ALL ($6::text[]), true)
      ORDER BY priority DESC, turn, created_at LIMIT $4::bigint
      FOR NO KEY UPDATE SKIP LOCKED
    ), claimed AS (
      UPDATE probes SET state = 'running', attempt = attempt + 1, worker = $1, started_at = clock_timestamp(),
        lease_expires_at = clock_timestamp() + make_interval(secs => $2::float8)
      WHERE digest = ANY (ARRAY (SELECT digest FROM candidate))
      RETURNING probes.*
    ), wanting AS MATERIALIZED (
      SELECT DISTINCT job_id FROM claimed CROSS JOIN LATERAL (
        SELECT job_id FROM job_probes WHERE job_probes.digest = claimed.digest OFFSET 0) AS link
    ), started AS (
      UPDATE jobs SET \(beginning)
      WHERE id = ANY (ARRAY (
        SELECT id FROM jobs WHERE id = ANY (ARRAY (SELECT job_id FROM wanting)) AND \(isToBegin)
        FOR NO KEY UPDATE SKIP LOCKED))
      RETURNING id
    )
    SELECT digest, trajectory, kind, samples, replicate, guard, dataset_digest, memory, specification, attempt, worker,
      EXISTS (SELECT FROM checkpoints WHERE checkpoints.trajectory = claimed.trajectory AND steps <= guard)
        AS has_checkpoint,
      EXISTS (
        SELECT FROM jobs WHERE id = ANY (ARRAY (SELECT job_id FROM wanting)) AND \(isToBegin)
          AND id NOT IN (SELECT id FROM started)) AS is_incomplete,
      setval('probe_turns', greatest((SELECT last_value FROM probe_turns), max(turn) OVER ())) AS turn
    FROM claimed ORDER BY priority DESC, claimed.turn, created_at
    """)

  /// The jobs that want claimed probes begin to run, those that the claim left out. It holds no probe while it waits for them.
  /// $1 the digests.
  static let start = Statement(
    "begin the jobs of claimed probes",
    """
    UPDATE jobs SET \(beginning)
    WHERE id = ANY (ARRAY (
      SELECT id FROM jobs
      WHERE id = ANY (ARRAY (
          SELECT job_id FROM unnest($1::text[]) AS claimed (digest) CROSS JOIN LATERAL (
            SELECT job_id FROM job_probes WHERE job_probes.digest = claimed.digest OFFSET 0) AS link))
        AND \(isToBegin)
      ORDER BY sequence FOR NO KEY UPDATE))
    """)

  private static let beginning =
    "state = 'running', started_at = coalesce(started_at, clock_timestamp()), waiting_for = NULL"

  /// Not in words that an index of the states has.
  private static let isToBegin =
    "CASE state WHEN 'queued' THEN true WHEN 'running' THEN waiting_for IS NOT NULL ELSE false END"

  /// Probes whose lease has run out: back into the queue, each a crash, or given up after too many.
  /// $1 crashes that are too many.
  static let reclaim = Statement(
    "take back abandoned probes",
    """
    WITH abandoned AS MATERIALIZED (
      SELECT digest FROM probes WHERE state = 'running' AND lease_expires_at <= statement_timestamp()
      ORDER BY digest FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE probes SET crashes = crashes + 1, lease_expires_at = NULL,
      state = CASE WHEN crashes + 1 < $1::integer THEN 'queued' ELSE 'failed' END::probe_state,
      worker = CASE WHEN crashes + 1 >= $1::integer THEN worker END,
      started_at = CASE WHEN crashes + 1 >= $1::integer THEN started_at END,
      finished_at = CASE WHEN crashes + 1 >= $1::integer THEN clock_timestamp() END,
      error = CASE WHEN crashes + 1 >= $1::integer THEN
        'The probe of ' || samples || ' samples, replicate ' || replicate || ', was given up after ' || crashes + 1
        || ' workers in a row ended without an outcome (crashed, killed or out of memory)' END
    WHERE digest IN (SELECT digest FROM abandoned)
    RETURNING digest
    """)

  /// $1 digests, $2 attempts, $3 lease in seconds. Probes that no live job wants any more go back to the
  /// queue's rows, where they are never claimed unless a job asks for them again. Each job is looked up by its key, whatever
  /// the planner thought of the table when it was small.
  static let heartbeat = Statement(
    "extend leases",
    """
    WITH held AS MATERIALIZED (
      SELECT probes.digest, EXISTS (
          SELECT FROM job_probes
          WHERE job_probes.digest = probes.digest
            AND (SELECT state IN ('queued', 'running') FROM jobs WHERE id = job_id)) AS wanted
      FROM probes JOIN unnest($1::text[], $2::bigint[]) AS beat (digest, attempt)
        ON beat.digest = probes.digest AND beat.attempt = probes.attempt
      WHERE probes.state = 'running'
      ORDER BY probes.digest FOR NO KEY UPDATE OF probes
    )
    UPDATE probes SET
      state = CASE WHEN wanted THEN 'running' ELSE 'queued' END::probe_state,
      lease_expires_at = CASE WHEN wanted THEN clock_timestamp() + make_interval(secs => $3::float8) END,
      worker = CASE WHEN wanted THEN worker END,
      started_at = CASE WHEN wanted THEN started_at END
    FROM held WHERE probes.digest = held.digest
    RETURNING probes.digest, wanted
    """)

  /// Arrays of digests, attempts, outcomes, verdicts, steps, seconds, backends, kernels, reports, diagnoses (codes
  /// between commas) and levels reached.
  static let finish = Statement(
    "record outcomes",
    """
    WITH ended AS MATERIALIZED (
      SELECT probes.digest, outcome.*
      FROM probes JOIN unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::float8[], $7::text[],
          $8::text[], $9::text[], $10::text[], $11::text[])
        AS outcome (probe, attempt, outcome, verdict, steps, seconds, backend, kernels, report, diagnosis, reached)
        ON outcome.probe = probes.digest AND outcome.attempt = probes.attempt
      WHERE probes.state = 'running'
      ORDER BY probes.digest FOR NO KEY UPDATE OF probes
    )
    UPDATE probes SET state = 'finished', outcome = ended.outcome::probe_outcome,
      verdict = ended.verdict::probe_verdict, diagnosis = string_to_array(ended.diagnosis, ','),
      reached = ended.reached::jsonb, steps = ended.steps, seconds = ended.seconds, backend = ended.backend,
      kernels = ended.kernels, report = ended.report::json, lease_expires_at = NULL, finished_at = clock_timestamp()
    FROM ended WHERE probes.digest = ended.digest
    RETURNING probes.digest
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
    WHERE state = 'running' AND starts_with(worker, $1)
    """)

  /// $1 what the workers' names begin with, $2 engine revision. Counts no further than anybody could need.
  static let demand = Statement(
    "count the probes that workers train or wait for them",
    """
    SELECT (SELECT count(*) FROM probes WHERE state = 'running' AND starts_with(worker, $1))
      + (SELECT count(*) FROM (
        SELECT FROM probes WHERE state = 'queued' AND turn IS NOT NULL AND engine_revision = $2::integer
        LIMIT 1000) AS waiting) AS count
    """)

  /// Arrays of digests, steps, losses and accuracies.
  static let announceTraining = Statement(
    "tell how far probes are",
    """
    SELECT pg_notify('emc_training', job_id || ' ' || json_build_object('job', job_id, 'digest', probes.digest,
      'samples', samples, 'replicate', replicate, 'max_steps', guard, 'steps', news.steps, 'loss', news.loss,
      'accuracy', news.accuracy))
    FROM unnest($1::text[], $2::bigint[], $3::float8[], $4::float8[]) AS news (digest, steps, loss, accuracy)
      JOIN probes USING (digest)
      CROSS JOIN LATERAL (SELECT job_id FROM job_probes WHERE job_probes.digest = news.digest OFFSET 0) AS link
    WHERE (SELECT state = 'running' FROM jobs WHERE id = job_id)
    """)

  /// $1 name, $2 engine revision, $3 workers, $4 whether it has just begun.
  static let seen = Statement(
    "say that a process lives",
    """
    INSERT INTO processes (name, engine_revision, workers) VALUES ($1, $2::integer, $3::integer)
    ON CONFLICT (name) DO UPDATE SET engine_revision = excluded.engine_revision, workers = excluded.workers,
      seen_at = clock_timestamp(),
      started_at = CASE WHEN $4::boolean THEN clock_timestamp() ELSE processes.started_at END
    """)

  static let deleteOldProcesses = Statement(
    "forget processes that are long gone",
    "DELETE FROM processes WHERE seen_at < clock_timestamp() - interval '1 day'")
}
