-- Webhooks are told of studies that have ended too, and a study may bring its own.

ALTER TABLE webhooks
  ADD COLUMN study_id uuid REFERENCES studies ON DELETE CASCADE,
  ADD CONSTRAINT webhooks_of_one CHECK (job_id IS NULL OR study_id IS NULL);

CREATE INDEX webhooks_by_study ON webhooks (study_id) WHERE study_id IS NOT NULL;

-- That a study has ended was told, or there was nobody to tell: once for each revision, since an extension that ends is
-- another end.
CREATE TABLE study_ends (
  study_id uuid NOT NULL REFERENCES studies ON DELETE CASCADE,
  revision integer NOT NULL,
  PRIMARY KEY (study_id, revision)
);

CREATE OR REPLACE FUNCTION tell_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  hook     record;
  delivery uuid;
BEGIN
  FOR hook IN
    SELECT id FROM webhooks WHERE job_id IS NULL AND study_id IS NULL OR job_id = NEW.id ORDER BY created_at, id
  LOOP
    delivery := gen_random_uuid();
    INSERT INTO webhook_deliveries (id, webhook_id, event, payload)
    VALUES (delivery, hook.id, 'job.' || NEW.state,
      json_build_object(
        'id', delivery, 'type', 'job.' || NEW.state,
        'timestamp', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'data', json_build_object(
          'id', NEW.id, 'name', NEW.name, 'state', NEW.state, 'labels', NEW.labels,
          'emc', NEW.result -> 'emc', 'interval', NEW.result -> 'interval', 'settled', NEW.result -> 'settled',
          'summary', NEW.result -> 'summary', 'error', NEW.error,
          'created_at', to_char(NEW.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'finished_at', to_char(NEW.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))::text);
  END LOOP;
  RETURN NULL;
END $$;

-- A study ends with the last of its cells' jobs, in that job's transaction. Which is the last is seen under the lock that
-- versions are stamped under: of two jobs that end at once the second one's transaction sees the first one's end, and the
-- deferred trigger takes the lock as the last thing before the commit, as all do.
CREATE FUNCTION tell_study_ended() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  study    record;
  hook     record;
  delivery uuid;
  state    text;
BEGIN
  IF NOT EXISTS (SELECT FROM study_jobs WHERE job_id = NEW.id AND cell IS NOT NULL) THEN
    RETURN NULL;
  END IF;
  PERFORM pg_advisory_xact_lock(6647141);
  FOR study IN
    SELECT studies.*, facts.* FROM studies CROSS JOIN LATERAL (
      SELECT min(jobs.started_at) AS started_at, max(jobs.finished_at) AS finished_at,
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
    INSERT INTO study_ends (study_id, revision) VALUES (study.id, study.revision) ON CONFLICT DO NOTHING;
    CONTINUE WHEN NOT FOUND;
    -- As `StudyRecord.state` has it.
    state := CASE WHEN study.cancelled > 0 THEN 'cancelled' WHEN study.succeeded > 0 THEN 'succeeded' ELSE 'failed' END;
    FOR hook IN
      SELECT id FROM webhooks WHERE job_id IS NULL AND study_id IS NULL OR study_id = study.id ORDER BY created_at, id
    LOOP
      delivery := gen_random_uuid();
      INSERT INTO webhook_deliveries (id, webhook_id, event, payload)
      VALUES (delivery, hook.id, 'study.' || state,
        json_build_object(
          'id', delivery, 'type', 'study.' || state,
          'timestamp', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'data', json_build_object(
            'id', study.id, 'name', study.name, 'state', state, 'preset', study.preset, 'scale', study.scale,
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

CREATE CONSTRAINT TRIGGER tell_study_ended AFTER UPDATE ON jobs DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  WHEN (OLD.state NOT IN ('succeeded', 'failed', 'cancelled') AND NEW.state IN ('succeeded', 'failed', 'cancelled'))
  EXECUTE FUNCTION tell_study_ended();

-- What has ended before is over.
INSERT INTO study_ends (study_id, revision)
SELECT id, revision FROM studies
WHERE NOT EXISTS (
  SELECT FROM study_jobs JOIN jobs ON jobs.id = job_id
  WHERE study_id = studies.id AND cell IS NOT NULL AND jobs.state NOT IN ('succeeded', 'failed', 'cancelled'));
