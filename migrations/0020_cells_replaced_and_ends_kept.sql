-- A job that takes another's place in a study knows which: until it has asked for its first probe, as one that is held, what is
-- known of the cell is what the other knows. NULL where there was none, or it knew nothing.
ALTER TABLE study_jobs ADD COLUMN replaces uuid REFERENCES jobs ON DELETE SET NULL;

CREATE INDEX study_jobs_by_replaced ON study_jobs (replaces) WHERE replaces IS NOT NULL;

-- How a study ended, and when: jobs may be deleted once they have ended, the study's end stays.
ALTER TABLE study_ends
  ADD COLUMN state       job_state CHECK (state IN ('succeeded', 'failed', 'cancelled')),
  ADD COLUMN started_at  timestamptz,
  ADD COLUMN finished_at timestamptz;

-- Of what has ended before, as far as its jobs are there.
UPDATE study_ends SET started_at = facts.started_at, finished_at = facts.finished_at,
  state = CASE WHEN cancelled > 0 THEN 'cancelled' WHEN succeeded > 0 THEN 'succeeded' ELSE 'failed' END::job_state
FROM (
  SELECT study_id, studies.revision, min(jobs.started_at) AS started_at,
    max(jobs.finished_at) FILTER (WHERE cell IS NOT NULL) AS finished_at,
    count(*) FILTER (WHERE cell IS NOT NULL) AS cells,
    count(*) FILTER (WHERE cell IS NOT NULL AND jobs.state = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE cell IS NOT NULL AND jobs.state = 'succeeded') AS succeeded
  FROM studies JOIN study_jobs ON study_id = studies.id JOIN jobs ON jobs.id = job_id
  GROUP BY study_id, studies.revision) AS facts
WHERE facts.study_id = study_ends.study_id AND facts.revision = study_ends.revision AND cells > 0;

CREATE OR REPLACE FUNCTION tell_study_ended() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  study    record;
  hook     record;
  delivery uuid;
  ended    job_state;
BEGIN
  IF NOT EXISTS (
    SELECT FROM study_jobs JOIN studies ON studies.id = study_id
    WHERE job_id = NEW.id AND cell IS NOT NULL AND NOT EXISTS (
      SELECT FROM study_ends WHERE study_ends.study_id = studies.id AND study_ends.revision = studies.revision))
  THEN
    RETURN NULL;
  END IF;
  PERFORM pg_advisory_xact_lock(6647141);
  FOR study IN
    SELECT studies.*, facts.*, (
      SELECT min(jobs.started_at) FROM study_jobs JOIN jobs ON jobs.id = job_id
      WHERE study_id = studies.id) AS started_at
    FROM studies CROSS JOIN LATERAL (
      SELECT max(jobs.finished_at) AS finished_at,
        count(*) AS cells,
        count(*) FILTER (WHERE jobs.state = 'succeeded') AS succeeded,
        count(*) FILTER (WHERE jobs.state = 'failed') AS failed,
        count(*) FILTER (WHERE jobs.state = 'cancelled') AS cancelled
      FROM study_jobs JOIN jobs ON jobs.id = job_id
      WHERE study_id = studies.id AND cell IS NOT NULL) AS facts
    WHERE studies.id IN (SELECT study_id FROM study_jobs WHERE job_id = NEW.id AND cell IS NOT NULL)
      AND cells = succeeded + failed + cancelled
    ORDER BY studies.id
  LOOP
    -- As `StudyRecord.state` has it.
    ended := CASE WHEN study.cancelled > 0 THEN 'cancelled' WHEN study.succeeded > 0 THEN 'succeeded' ELSE 'failed' END;
    INSERT INTO study_ends (study_id, revision, state, started_at, finished_at)
    VALUES (study.id, study.revision, ended, study.started_at, study.finished_at) ON CONFLICT DO NOTHING;
    CONTINUE WHEN NOT FOUND;
    FOR hook IN
      SELECT id FROM webhooks WHERE job_id IS NULL AND study_id IS NULL OR study_id = study.id ORDER BY created_at, id
    LOOP
      delivery := gen_random_uuid();
      INSERT INTO webhook_deliveries (id, webhook_id, event, payload)
      VALUES (delivery, hook.id, 'study.' || ended,
        json_build_object(
          'id', delivery, 'type', 'study.' || ended,
          'timestamp', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'data', json_build_object(
            'id', study.id, 'name', study.name, 'state', ended, 'preset', study.preset, 'scale', study.scale,
            'revision', study.revision, 'cells', study.cells,
            'states', json_build_object(
              'succeeded', study.succeeded, 'failed', study.failed, 'cancelled', study.cancelled),
            'created_at', to_char(study.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'started_at', to_char(study.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'finished_at', to_char(study.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))::text);
    END LOOP;
  END LOOP;
  RETURN NULL;
END $$;
