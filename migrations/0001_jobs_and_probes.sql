-- Jobs, probes and the links between them. The state machine lives here: no statement of any
-- process, however late or wrong, can put a row into a state that these constraints do not allow.

CREATE TYPE job_state AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled');
CREATE TYPE probe_state AS ENUM ('queued', 'running', 'finished', 'failed');

-- A job: a measurement that a client asked for. `json`, not `jsonb`: the text stays as it came.
CREATE TABLE jobs (
  id             uuid PRIMARY KEY,
  sequence       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  name           text,
  state          job_state NOT NULL DEFAULT 'queued',
  specification  json NOT NULL,
  dataset_digest text,
  progress       json,
  result         json,
  error          text,
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at     timestamptz,
  finished_at    timestamptz,
  CONSTRAINT jobs_specification_is_object CHECK (json_typeof(specification) = 'object'),
  CONSTRAINT jobs_progress_is_object CHECK (json_typeof(progress) = 'object'),
  CONSTRAINT jobs_result_is_object CHECK (json_typeof(result) = 'object'),
  CONSTRAINT jobs_dataset_digest_is_sha256 CHECK (dataset_digest ~ '^[0-9a-f]{64}$'),
  CONSTRAINT jobs_finished_at_iff_terminal
    CHECK ((finished_at IS NOT NULL) = (state IN ('succeeded', 'failed', 'cancelled'))),
  CONSTRAINT jobs_started_at_once_running
    CHECK (CASE state WHEN 'queued' THEN started_at IS NULL
                      WHEN 'running' THEN started_at IS NOT NULL
                      WHEN 'succeeded' THEN started_at IS NOT NULL
                      ELSE true END),
  CONSTRAINT jobs_result_iff_succeeded CHECK ((result IS NOT NULL) = (state = 'succeeded')),
  CONSTRAINT jobs_error_iff_failed CHECK ((error IS NOT NULL) = (state = 'failed'))
);

-- What claiming and the sweep walk along: live jobs, the oldest first.
CREATE INDEX jobs_live ON jobs (sequence) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_by_state ON jobs (state, sequence DESC);

-- A probe: one training run, addressed by its content. It belongs to no job; jobs link to it.
-- `attempt` only grows: it is the fencing token that a worker must show to write anything.
CREATE TABLE probes (
  digest           text PRIMARY KEY,
  samples          bigint NOT NULL,
  replicate        bigint NOT NULL,
  specification    json NOT NULL,
  state            probe_state NOT NULL DEFAULT 'queued',
  attempt          bigint NOT NULL DEFAULT 0,
  crashes          integer NOT NULL DEFAULT 0,
  worker           text,
  lease_expires_at timestamptz,
  outcome          text,
  report           json,
  error            text,
  created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at       timestamptz,
  finished_at      timestamptz,
  CONSTRAINT probes_digest_is_sha256 CHECK (digest ~ '^[0-9a-f]{64}$'),
  CONSTRAINT probes_samples_positive CHECK (samples > 0),
  CONSTRAINT probes_replicate_not_negative CHECK (replicate >= 0),
  CONSTRAINT probes_specification_is_object CHECK (json_typeof(specification) = 'object'),
  CONSTRAINT probes_report_is_object CHECK (json_typeof(report) = 'object'),
  CONSTRAINT probes_crashes_counted CHECK (crashes BETWEEN 0 AND attempt),
  CONSTRAINT probes_lease_iff_running CHECK ((lease_expires_at IS NOT NULL) = (state = 'running')),
  CONSTRAINT probes_worker_iff_taken CHECK ((worker IS NOT NULL) = (state <> 'queued')),
  CONSTRAINT probes_started_at_iff_taken CHECK ((started_at IS NOT NULL) = (state <> 'queued')),
  CONSTRAINT probes_finished_at_iff_ended
    CHECK ((finished_at IS NOT NULL) = (state IN ('finished', 'failed'))),
  CONSTRAINT probes_outcome_iff_finished CHECK ((outcome IS NOT NULL) = (state = 'finished')),
  CONSTRAINT probes_report_iff_finished CHECK ((report IS NOT NULL) = (state = 'finished')),
  CONSTRAINT probes_error_iff_failed CHECK ((error IS NOT NULL) = (state = 'failed'))
);

CREATE INDEX probes_leases ON probes (lease_expires_at) WHERE state = 'running';

-- Which probes a job asked for, in the order in which it asked.
CREATE TABLE job_probes (
  job_id   uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
  position bigint NOT NULL CHECK (position > 0),
  digest   text NOT NULL REFERENCES probes,
  PRIMARY KEY (job_id, position),
  UNIQUE (job_id, digest)
);

CREATE INDEX job_probes_by_digest ON job_probes (digest, job_id);

CREATE FUNCTION guard_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'queued' THEN
      RAISE EXCEPTION 'a job starts as queued, not as %', NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_start_queued', TABLE = 'jobs';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state IN ('succeeded', 'failed', 'cancelled') AND NEW::text <> OLD::text THEN
    RAISE EXCEPTION 'job % has ended as % and cannot change', OLD.id, OLD.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_transition', TABLE = 'jobs';
  END IF;
  IF NEW.state <> OLD.state
    AND (OLD.state, NEW.state) NOT IN (
      ('queued', 'running'), ('queued', 'succeeded'), ('queued', 'failed'), ('queued', 'cancelled'),
      ('running', 'succeeded'), ('running', 'failed'), ('running', 'cancelled')) THEN
    RAISE EXCEPTION 'a job cannot go from % to %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_transition', TABLE = 'jobs';
  END IF;
  IF NEW.id <> OLD.id OR NEW.sequence <> OLD.sequence OR NEW.created_at <> OLD.created_at
    OR NEW.specification::text <> OLD.specification::text
    OR (OLD.started_at IS NOT NULL AND NEW.started_at IS DISTINCT FROM OLD.started_at)
    OR (OLD.dataset_digest IS NOT NULL AND NEW.dataset_digest IS DISTINCT FROM OLD.dataset_digest) THEN
    RAISE EXCEPTION 'what job % was asked for cannot change', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_immutable', TABLE = 'jobs';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION guard_job();

CREATE FUNCTION guard_probe() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'queued' OR NEW.attempt <> 0 THEN
      RAISE EXCEPTION 'a probe starts as queued, not as %', NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'probes_start_queued', TABLE = 'probes';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state = 'finished' AND NEW::text <> OLD::text THEN
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
  IF NEW.digest <> OLD.digest OR NEW.samples <> OLD.samples OR NEW.replicate <> OLD.replicate
    OR NEW.created_at <> OLD.created_at OR NEW.specification::text <> OLD.specification::text THEN
    RAISE EXCEPTION 'what probe % is cannot change', OLD.digest
      USING ERRCODE = 'check_violation', CONSTRAINT = 'probes_immutable', TABLE = 'probes';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON probes FOR EACH ROW EXECUTE FUNCTION guard_probe();

-- Whoever changes a row, those who listen hear of it when the change commits: "<id> <state>".
CREATE FUNCTION announce_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('emc_jobs', NEW.id || ' ' || NEW.state);
  RETURN NULL;
END $$;

CREATE TRIGGER announce AFTER INSERT OR UPDATE OF state, progress ON jobs
  FOR EACH ROW EXECUTE FUNCTION announce_job();

CREATE FUNCTION announce_probe() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' OR NEW.state <> OLD.state OR NEW.attempt <> OLD.attempt THEN
    PERFORM pg_notify('emc_probes', NEW.digest || ' ' || NEW.state);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER announce AFTER INSERT OR UPDATE ON probes
  FOR EACH ROW EXECUTE FUNCTION announce_probe();
