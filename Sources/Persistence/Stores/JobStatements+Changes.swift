/// The SQL of what clients ask of jobs, of one or of many at once, and of what goes with time.
extension JobStatements {
  // Transitions answer with the jobs that made them.

  static let cancel = Statement(
    "cancel jobs",
    """
    UPDATE jobs SET state = 'cancelled', finished_at = clock_timestamp(), waiting_for = NULL, progress = \(idle)
    WHERE \(those(in: "'queued', 'running', 'paused'")) RETURNING id
    """)

  static let pause = Statement(
    "pause jobs",
    """
    UPDATE jobs SET state = 'paused', progress = \(idle)
    WHERE \(those(in: "'queued', 'running'")) RETURNING id
    """)

  /// What it waits for is under way again; the rest of its progress is told when it is advanced next.
  static let resume = Statement(
    "resume jobs",
    """
    UPDATE jobs SET state = CASE WHEN started_at IS NULL THEN 'queued' ELSE 'running' END::job_state,
      progress = (progress::jsonb || jsonb_build_object('probes_under_way', (
        SELECT count(*) FROM job_probes WHERE job_id = jobs.id AND ended_as IS NULL)))::json
    WHERE \(those(in: "'paused'")) RETURNING id
    """)

  static let delete = Statement(
    "delete jobs", "DELETE FROM jobs WHERE \(those(in: "'succeeded', 'failed', 'cancelled'"))")

  /// Those of the jobs $1 that are in one of some states, locked in the order of submission, so that two who change many can't
  /// wait for each other. Not `FOR UPDATE`, as an advance's lock.
  private static func those(in states: String) -> String {
    """
    id = ANY (ARRAY (
      SELECT id FROM jobs WHERE id = ANY ($1::uuid[]) AND state IN (\(states)) ORDER BY sequence FOR NO KEY UPDATE))
    """
  }

  /// The progress of a job of which nothing is under way any more.
  static let idle = """
    (progress::jsonb
      || '{"probes_under_way": 0, "training": [], "current_samples": null, "seconds_left": null}')::json
    """

  /// Resumed jobs' probes take new turns from where the queue stands: their old ones would put them before everybody else.
  /// $1 the jobs, $2 the engine revision of one that has none yet.
  static let takeTurns = Statement(
    "give the probes of jobs new turns",
    """
    WITH resumed AS MATERIALIZED (
      SELECT id, \(queueTurn(revision: "coalesce(jobs.engine_revision, $2::integer)", priority: "jobs.priority")) AS turn
      FROM jobs WHERE id = ANY ($1::uuid[])
    )
    UPDATE job_probes SET turn = numbered.turn
    FROM (
      SELECT job_id, position, resumed.turn + row_number() OVER (PARTITION BY job_id ORDER BY position) AS turn
      FROM resumed JOIN job_probes ON job_id = resumed.id
      WHERE ended_as IS NULL) AS numbered
    WHERE job_probes.job_id = numbered.job_id AND job_probes.position = numbered.position
    """)

  /// The queued probes of jobs $1, which want them by now or don't any more, get their places anew: the guard computes the
  /// first among those of the jobs that want them, or none, and then they leave the queue. Each link and each probe is looked up
  /// by its key, whatever the planner thinks of the tables.
  static let placeProbes = Statement(
    "place the probes of jobs",
    """
    UPDATE probes SET turn = -1
    WHERE state = 'queued' AND digest = ANY (ARRAY (
      SELECT digest FROM probes
      WHERE state = 'queued' AND digest = ANY (ARRAY (
        SELECT link.digest FROM unnest($1::uuid[]) AS job (id) CROSS JOIN LATERAL (
          SELECT digest FROM job_probes WHERE job_id = job.id AND ended_as IS NULL OFFSET 0) AS link))
      ORDER BY digest FOR NO KEY UPDATE))
    """)

  /// $1 seconds, $2 how many at most. By the time of the statement, which is one for all rows: so an index tells who is old.
  static let deleteOld = Statement(
    "delete jobs that ended long ago",
    """
    DELETE FROM jobs WHERE id IN (
      SELECT id FROM jobs WHERE finished_at < statement_timestamp() - make_interval(secs => $1::float8)
      ORDER BY finished_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED)
    """)

  /// Probes that no job links to, and that ended long ago. $1 seconds, $2 how many at most. In the words of the index of the
  /// ends.
  static let deleteOldProbes = Statement(
    "delete probes that no job has",
    """
    DELETE FROM probes WHERE digest IN (
      SELECT digest FROM probes
      WHERE finished_at IS NOT NULL AND finished_at < statement_timestamp() - make_interval(secs => $1::float8)
        AND NOT EXISTS (SELECT FROM job_probes WHERE job_probes.digest = probes.digest)
      ORDER BY finished_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED)
    """)

  /// Probes that no job links to, that were first asked for long ago and that nobody trained to the end. $1 seconds, $2 how many
  /// at most. In the words of the index of those that nobody wants.
  static let deleteUnwantedProbes = Statement(
    "delete queued probes that no job has",
    """
    DELETE FROM probes WHERE digest IN (
      SELECT digest FROM probes
      WHERE state = 'queued' AND turn IS NULL AND created_at < statement_timestamp() - make_interval(secs => $1::float8)
        AND NOT EXISTS (SELECT FROM job_probes WHERE job_probes.digest = probes.digest)
      ORDER BY created_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED)
    """)
}
