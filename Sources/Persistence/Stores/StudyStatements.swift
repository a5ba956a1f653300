/// All SQL of `StudyStore`.
enum StudyStatements {
  static let insert = Statement(
    "store a study",
    """
    INSERT INTO studies (id, name, preset, scale, specification, request_id)
    VALUES ($1::uuid, $2, $3, $4, $5::json, $6)
    """)

  /// $2 jobs, $3 their cells, $4 the jobs that they take the places of.
  static let place = Statement(
    "give jobs their places in a study",
    """
    INSERT INTO study_jobs (study_id, job_id, cell, replaces)
    SELECT $1::uuid, job, cell, replaces
    FROM unnest($2::uuid[], $3::integer[], $4::uuid[]) AS placed (job, cell, replaces)
    """)

  /// The job whose probes tell what is known of the place of one of `study_jobs`: its own, or as long as it has asked for
  /// nothing, as one that is held, the one that it took the place of. The latter has been cancelled or has ended: it asks for
  /// nothing more.
  private static let measured = """
    CASE WHEN EXISTS (SELECT FROM job_probes WHERE job_id = study_jobs.job_id) THEN study_jobs.job_id
      ELSE study_jobs.replaces END
    """

  /// By the cells' places.
  static let measuredJobs = Statement(
    "find the jobs that tell of a study's cells",
    """
    SELECT cell, \(measured) AS job_id FROM study_jobs WHERE study_id = $1::uuid AND cell IS NOT NULL
    """)

  /// `specified` is how many cells the axes make, whether their jobs are there or not: the product of the values' counts, or the
  /// least of them. A study that has ended is what it was at its end, whatever of its jobs has been deleted since.
  private static let facts = """
    SELECT studies.*, facts.*, ends.state AS ended_as, coalesce(ends.finished_at, last_end) AS finished_at,
      coalesce(ends.started_at, (
        SELECT min(jobs.started_at) FROM study_jobs JOIN jobs ON jobs.id = study_jobs.job_id
        WHERE study_jobs.study_id = studies.id)) AS started_at, (
      SELECT CASE specification ->> 'combine'
        WHEN 'zip' THEN min(json_array_length(axis -> 'values'))
        ELSE round(exp(sum(ln(json_array_length(axis -> 'values')))))::integer END
      FROM json_array_elements(specification -> 'axes') AS axes (axis)) AS specified
    FROM studies CROSS JOIN LATERAL (
      SELECT coalesce(max(version), 0) AS version, max(finished_at) AS last_end,
        count(*) FILTER (WHERE state = 'queued') AS queued,
        count(*) FILTER (WHERE state = 'running') AS running,
        count(*) FILTER (WHERE state = 'paused') AS paused,
        count(*) FILTER (WHERE state = 'succeeded') AS succeeded,
        count(*) FILTER (WHERE state = 'failed') AS failed,
        count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
        coalesce(extract(epoch FROM avg(finished_at - started_at) FILTER (WHERE state = 'succeeded')), 0)::float8
          AS cell_seconds,
        CASE WHEN count(progress ->> 'seconds_left') FILTER (WHERE state = 'running') = count(*) FILTER (WHERE state = 'running')
          THEN max((progress ->> 'seconds_left')::float8) FILTER (WHERE state = 'running') END AS running_seconds
      FROM study_jobs JOIN jobs ON jobs.id = job_id
      WHERE study_id = studies.id AND cell IS NOT NULL) AS facts
    LEFT JOIN study_ends ends ON ends.study_id = studies.id AND ends.revision = studies.revision
    """

  static let find = Statement("find a study", "\(facts) WHERE id = $1::uuid")

  static let findMany = Statement("find studies", "\(facts) WHERE id = ANY ($1::uuid[])")

  static let list = Statement(
    "list studies",
    """
    \(facts) WHERE sequence < coalesce($1::bigint, 9223372036854775807) ORDER BY sequence DESC LIMIT $2::bigint
    """)

  static let cells = Statement(
    "list a study's cells",
    """
    SELECT cell, jobs.* FROM study_jobs JOIN jobs ON jobs.id = job_id
    WHERE study_id = $1::uuid AND cell IS NOT NULL ORDER BY cell
    """)

  static let standings = Statement(
    "see where a study's cells stand",
    """
    SELECT cell, jobs.id, jobs.state, coalesce(jobs.progress, replaced.progress) AS progress, jobs.result, jobs.error
    FROM study_jobs JOIN jobs ON jobs.id = job_id LEFT JOIN jobs replaced ON replaced.id = replaces
    WHERE study_id = $1::uuid AND cell IS NOT NULL
    """)

  /// Of every job, also of those that are no cell's any more.
  static let jobs = Statement(
    "list a study's jobs", "SELECT job_id FROM study_jobs WHERE study_id = $1::uuid ORDER BY job_id")

  /// $1 studies, $2 jobs.
  static let placed = Statement(
    "find the studies of jobs",
    "SELECT study_id, job_id FROM study_jobs WHERE study_id = ANY ($1::uuid[]) AND job_id = ANY ($2::uuid[])")

  static let changes = Statement(
    "list a study's changed jobs",
    """
    SELECT jobs.* FROM study_jobs JOIN jobs ON jobs.id = job_id
    WHERE study_id = $1::uuid AND version > $2::bigint ORDER BY version LIMIT $3::bigint
    """)

  static let ends = Statement(
    "list a study's probes that ended",
    """
    SELECT \(ProbeEnd.columns)
    FROM study_jobs JOIN job_probes link USING (job_id) JOIN probes USING (digest)
    WHERE study_id = $1::uuid AND ended_version > $2::bigint
    ORDER BY ended_version LIMIT $3::bigint
    """)

  /// Of a job that has ended those that ended before it did: others may have gone on with what it had asked for.
  static let rows = Statement(
    "read what a study's probes found",
    """
    SELECT placed_job AS job_id, \(ProbeRow.columns)
    FROM (
      SELECT cell, job_id AS placed_job, \(measured) AS measured_job FROM study_jobs
      WHERE study_id = $1::uuid AND cell IS NOT NULL OFFSET 0) AS placed
      JOIN job_probes link ON link.job_id = measured_job JOIN probes USING (digest)
      JOIN jobs ON jobs.id = link.job_id
    WHERE link.ended_as = 'finished'
      AND (jobs.finished_at IS NULL OR link.ended_version <= jobs.version)
    ORDER BY cell, link.position
    """)

  /// A probe that had finished before the first of the study's jobs that ask for it was made, also of those that are no
  /// cell's any more, or that a job asks for which was made before all of them, was known; any other was trained for the study:
  /// so each counts for one alone. In the words of the index of the links that have ended,
  /// and these first, lest all that a study asks for be looked at: there are no links older than the column in a study.
  static let cost = Statement(
    "sum up what a study cost",
    """
    SELECT coalesce(sum(links), 0)::bigint AS asked, count(*) AS distinct_count,
      count(*) FILTER (WHERE is_known) AS known,
      coalesce(sum(steps) FILTER (WHERE NOT is_known), 0)::bigint AS steps,
      coalesce(sum(seconds) FILTER (WHERE NOT is_known), 0)::float8 AS seconds
    FROM (
      SELECT links, steps, seconds, was_there OR EXISTS (
        SELECT FROM job_probes JOIN jobs ON jobs.id = job_id
        WHERE job_probes.digest = asked.digest AND jobs.sequence < asked.first_job) AS is_known
      FROM (
        SELECT digest, count(*) FILTER (WHERE counts) AS links, min(steps) AS steps,
          min(seconds) AS seconds, min(jobs.sequence) AS first_job,
          min(probes.finished_at) < min(jobs.created_at) AS was_there
        FROM (
          SELECT job_id, counts, digest
          FROM (
            SELECT job_id, cell IS NOT NULL OR job_id IN (
                SELECT replaces FROM study_jobs
                WHERE study_id = $1::uuid AND cell IS NOT NULL AND replaces IS NOT NULL
                  AND NOT EXISTS (SELECT FROM job_probes WHERE job_id = study_jobs.job_id)) AS counts
            FROM study_jobs WHERE study_id = $1::uuid OFFSET 0) AS placed
            JOIN job_probes link USING (job_id)
          WHERE link.ended_version IS NOT NULL AND link.ended_as = 'finished'
          OFFSET 0) AS ended
        JOIN jobs ON jobs.id = job_id JOIN probes USING (digest)
        GROUP BY digest) AS asked
      WHERE links > 0) AS counted
    """)

  /// Not `FOR UPDATE`: what refers to the study (that it has ended) may be written meanwhile.
  static let lock = Statement(
    "lock a study", "SELECT revision FROM studies WHERE id = $1::uuid FOR NO KEY UPDATE")

  static let extend = Statement(
    "extend a study",
    "UPDATE studies SET specification = $2::json, revision = revision + 1 WHERE id = $1::uuid")

  static let unplace = Statement(
    "take the places of a study's jobs", "UPDATE study_jobs SET cell = NULL WHERE study_id = $1::uuid")

  static let unplaced = Statement(
    "list the jobs that are no cell's any more",
    "SELECT job_id FROM study_jobs WHERE study_id = $1::uuid AND cell IS NULL ORDER BY job_id")

  /// $2 jobs, $3 their cells.
  static let replace = Statement(
    "give a study's jobs other places",
    """
    UPDATE study_jobs SET cell = placed.cell
    FROM unnest($2::uuid[], $3::integer[]) AS placed (job, cell)
    WHERE study_id = $1::uuid AND job_id = placed.job
    """)

  static let delete = Statement("delete a study", "DELETE FROM studies WHERE id = $1::uuid")
}
