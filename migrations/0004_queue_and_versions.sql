-- Claiming and advancing cost the same at any length; every change of a job has a version; the guards protect every
-- column but those that they name.

-- A link knows how its probe ended, and when its turn in the queue is: each job's probes take turns that follow each
-- other, beginning where the queue stands, so that many probes of one job don't hold up the few of another.
ALTER TABLE job_probes
  ADD COLUMN ended_as probe_state CHECK (ended_as IN ('finished', 'failed')),
  ADD COLUMN turn     bigint NOT NULL DEFAULT 0;

UPDATE job_probes SET turn = position, ended_as = probes.state
FROM probes WHERE probes.digest = job_probes.digest AND probes.state IN ('finished', 'failed');
UPDATE job_probes SET turn = position WHERE ended_as IS NULL;

CREATE INDEX job_probes_outstanding ON job_probes (job_id) WHERE ended_as IS NULL;
CREATE INDEX job_probes_failed ON job_probes (job_id) WHERE ended_as = 'failed';

-- A queued probe's turn is the first among those of the jobs that want it; NULL when none does.
ALTER TABLE probes
  ADD COLUMN turn     bigint,
  ADD COLUMN priority integer NOT NULL DEFAULT 0;

ALTER TABLE probes DISABLE TRIGGER USER;
UPDATE probes SET turn = demand.turn, priority = demand.priority
FROM (
  SELECT digest, min(link.turn) AS turn, max(jobs.priority) AS priority
  FROM job_probes link JOIN jobs ON jobs.id = link.job_id
  WHERE jobs.state IN ('queued', 'running') AND link.ended_as IS NULL
  GROUP BY digest) AS demand
WHERE demand.digest = probes.digest;
ALTER TABLE probes ENABLE TRIGGER USER;

CREATE INDEX probes_queue ON probes (engine_revision, priority DESC, turn, created_at)
  WHERE state = 'queued' AND turn IS NOT NULL;

-- The largest turn that was claimed: where a job begins when the queue is empty.
CREATE SEQUENCE probe_turns MINVALUE 0 START 0;

CREATE OR REPLACE FUNCTION guard_job() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  rest jobs;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'queued' THEN
      RAISE EXCEPTION 'a job starts as queued, not as %', NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_start_queued', TABLE = 'jobs';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' THEN
    IF OLD.state NOT IN ('succeeded', 'failed', 'cancelled') THEN
      RAISE EXCEPTION 'job % is % and cannot be deleted before it has ended', OLD.id, OLD.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_delete_ended', TABLE = 'jobs';
    END IF;
    RETURN OLD;
  END IF;
  rest := NEW;
  rest.version := OLD.version;
  IF rest *= OLD THEN
    RETURN NEW;
  END IF;
  IF OLD.state IN ('succeeded', 'failed', 'cancelled') THEN
    RAISE EXCEPTION 'job % has ended as % and cannot change', OLD.id, OLD.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_transition', TABLE = 'jobs';
  END IF;
  IF NEW.state <> OLD.state
    AND (OLD.state, NEW.state) NOT IN (
      ('queued', 'running'), ('queued', 'succeeded'), ('queued', 'failed'), ('queued', 'cancelled'),
      ('running', 'succeeded'), ('running', 'failed'), ('running', 'cancelled'),
      ('queued', 'paused'), ('running', 'paused'),
      ('paused', 'queued'), ('paused', 'running'), ('paused', 'cancelled'), ('paused', 'failed')) THEN
    RAISE EXCEPTION 'a job cannot go from % to %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_transition', TABLE = 'jobs';
  END IF;
  -- What changes as a job goes on; every column that is not named here is for ever.
  rest.state := OLD.state;
  rest.progress := OLD.progress;
  rest.result := OLD.result;
  rest.error := OLD.error;
  rest.finished_at := OLD.finished_at;
  rest.waiting_for := OLD.waiting_for;
  rest.priority := OLD.priority;
  -- What is written once.
  IF OLD.started_at IS NULL THEN rest.started_at := NULL; END IF;
  IF OLD.dataset_digest IS NULL THEN rest.dataset_digest := NULL; END IF;
  IF OLD.engine_revision IS NULL THEN rest.engine_revision := NULL; END IF;
  IF OLD.sample_limit IS NULL THEN rest.sample_limit := NULL; END IF;
  IF OLD.memory_limit_samples IS NULL THEN rest.memory_limit_samples := NULL; END IF;
  IF OLD.shape IS NULL THEN rest.shape := NULL; END IF;
  IF OLD.classes IS NULL THEN rest.classes := NULL; END IF;
  IF OLD.parameter_count IS NULL THEN rest.parameter_count := NULL; END IF;
  IF rest *<> OLD THEN
    RAISE EXCEPTION 'what job % was asked for cannot change', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_immutable', TABLE = 'jobs';
  END IF;
  RETURN NEW;
END $$;

DROP TRIGGER guard ON jobs;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON jobs FOR EACH ROW EXECUTE FUNCTION guard_job();

CREATE OR REPLACE FUNCTION guard_probe() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  rest probes;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'queued' OR NEW.attempt <> 0 THEN
      RAISE EXCEPTION 'a probe starts as queued, not as %', NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'probes_start_queued', TABLE = 'probes';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state = 'finished' AND NEW *<> OLD THEN
    RAISE EXCEPTION 'probe % has finished and cannot change', OLD.digest
      USING ERRCODE = 'check_violation', CONSTRAINT = 'probes_transition', TABLE = 'probes';
  END IF;
  IF NEW.state <> OLD.state
    AND (OLD.state, NEW.state) NOT IN (
      ('queued', 'running'), ('running', 'queued'), ('running', 'finished'), ('running', 'failed'),
      ('failed', 'queued')) THEN
    RAISE EXCEPTION 'a probe cannot go from % to %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'probes_transition', TABLE = 'probes';
  END IF;
  -- Every change of hands is a new attempt, and nothing else is.
  IF NEW.attempt - OLD.attempt <> (
    CASE WHEN NEW.state <> 'running' THEN 0
         WHEN OLD.state <> 'running' THEN 1
         WHEN NEW.worker <> OLD.worker OR NEW.started_at <> OLD.started_at THEN 1
         ELSE 0 END) THEN
    RAISE EXCEPTION 'attempt % of probe % cannot become attempt %', OLD.attempt, OLD.digest, NEW.attempt
      USING ERRCODE = 'check_violation', CONSTRAINT = 'probes_attempt', TABLE = 'probes';
  END IF;
  -- What changes as a probe goes on; every column that is not named here is for ever.
  rest := NEW;
  rest.state := OLD.state;
  rest.attempt := OLD.attempt;
  rest.crashes := OLD.crashes;
  rest.worker := OLD.worker;
  rest.lease_expires_at := OLD.lease_expires_at;
  rest.outcome := OLD.outcome;
  rest.verdict := OLD.verdict;
  rest.steps := OLD.steps;
  rest.seconds := OLD.seconds;
  rest.backend := OLD.backend;
  rest.kernels := OLD.kernels;
  rest.report := OLD.report;
  rest.error := OLD.error;
  rest.started_at := OLD.started_at;
  rest.finished_at := OLD.finished_at;
  rest.turn := OLD.turn;
  rest.priority := OLD.priority;
  IF rest *<> OLD THEN
    RAISE EXCEPTION 'what probe % is cannot change', OLD.digest
      USING ERRCODE = 'check_violation', CONSTRAINT = 'probes_immutable', TABLE = 'probes';
  END IF;
  -- A queued probe's place is computed here, from links as they are when the row is locked: a statement that began
  -- earlier may not have seen a job that wants it by now.
  IF NEW.state = 'queued'
    AND (OLD.state <> 'queued' OR NEW.turn IS DISTINCT FROM OLD.turn OR NEW.priority <> OLD.priority) THEN
    SELECT min(link.turn), coalesce(max(jobs.priority), 0) INTO NEW.turn, NEW.priority
    FROM job_probes link JOIN jobs ON jobs.id = link.job_id
    WHERE link.digest = NEW.digest AND jobs.state IN ('queued', 'running');
  END IF;
  RETURN NEW;
END $$;

-- Links follow their probe. Who links to a probe locks its row, so that none is missed.
CREATE FUNCTION follow_probe() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE job_probes SET ended_as = CASE WHEN NEW.state IN ('finished', 'failed') THEN NEW.state END
  WHERE digest = NEW.digest;
  RETURN NULL;
END $$;

CREATE TRIGGER follow AFTER UPDATE OF state ON probes FOR EACH ROW
  WHEN (OLD.state <> NEW.state AND (NEW.state IN ('finished', 'failed') OR OLD.state = 'failed'))
  EXECUTE FUNCTION follow_probe();

-- Workers hear that there is something to claim; a transaction tells it once.
DROP TRIGGER announce ON probes;
DROP FUNCTION announce_probe();

CREATE FUNCTION announce_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('emc_probes', 'queued');
  RETURN NULL;
END $$;

CREATE TRIGGER announce_new AFTER INSERT ON probes FOR EACH STATEMENT EXECUTE FUNCTION announce_queue();
CREATE TRIGGER announce_again AFTER UPDATE ON probes FOR EACH ROW
  WHEN (NEW.state = 'queued' AND NEW.turn IS NOT NULL AND (OLD.state <> 'queued' OR OLD.turn IS NULL))
  EXECUTE FUNCTION announce_queue();

-- Every change of a job raises its version, from one sequence. The stamp is the last thing before the commit, under a
-- lock that is held until the change can be seen: whoever sees a version will never see a smaller one appear.
CREATE SEQUENCE job_versions;

UPDATE jobs SET version = numbered.version
FROM (SELECT id, nextval('job_versions') AS version FROM (SELECT id FROM jobs ORDER BY sequence) AS ordered) AS numbered
WHERE numbered.id = jobs.id;

CREATE INDEX jobs_by_version ON jobs (version);

DROP TRIGGER announce ON jobs;
DROP FUNCTION announce_job();

CREATE FUNCTION stamp_job() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  previous bigint := 0;
  stamped  jobs;
BEGIN
  PERFORM pg_advisory_xact_lock(6647141);
  IF TG_OP = 'DELETE' THEN
    PERFORM pg_notify('emc_jobs', OLD.id || ' deleted ' || nextval('job_versions'));
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    previous := OLD.version;
  END IF;
  -- Once a transaction, however often it changed the row.
  UPDATE jobs SET version = nextval('job_versions') WHERE id = NEW.id AND version = previous
  RETURNING * INTO stamped;
  IF FOUND THEN
    PERFORM pg_notify('emc_jobs', stamped.id || ' ' || stamped.state || ' ' || stamped.version);
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER stamp_new AFTER INSERT ON jobs DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION stamp_job();
CREATE CONSTRAINT TRIGGER stamp_change AFTER UPDATE ON jobs DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.version = NEW.version) EXECUTE FUNCTION stamp_job();
CREATE CONSTRAINT TRIGGER stamp_end AFTER DELETE ON jobs DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION stamp_job();
