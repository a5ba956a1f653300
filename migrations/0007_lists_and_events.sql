-- Lists of many jobs by what they are about, jobs made from others, and the order in which probes' ends became known.

ALTER TABLE jobs
  -- What lists are narrowed by; from the specification.
  ADD COLUMN dataset_name   text,
  ADD COLUMN model_kind     text,
  ADD COLUMN optimizer_kind text,
  -- The job that it was made from.
  ADD COLUMN source         uuid,
  -- The caller's span, as W3C Trace Context writes it.
  ADD COLUMN trace_parent   text;

-- What has ended changes here once, into the same facts in another form.
ALTER TABLE jobs DISABLE TRIGGER USER;
UPDATE jobs SET
  dataset_name = specification #>> '{dataset,name}',
  model_kind = specification #>> '{model,kind}',
  optimizer_kind = specification #>> '{training,optimizer,kind}'
WHERE position('\u0000' IN specification::text) = 0;
ALTER TABLE jobs ENABLE TRIGGER USER;

CREATE FUNCTION describe_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- A text with that escape can be kept, but not looked into.
  IF position('\u0000' IN NEW.specification::text) = 0 THEN
    NEW.dataset_name := NEW.specification #>> '{dataset,name}';
    NEW.model_kind := NEW.specification #>> '{model,kind}';
    NEW.optimizer_kind := NEW.specification #>> '{training,optimizer,kind}';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER describe BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION describe_job();

CREATE INDEX jobs_by_dataset ON jobs (dataset_name, sequence DESC);
CREATE INDEX jobs_by_model ON jobs (model_kind, sequence DESC);
CREATE INDEX jobs_by_optimizer ON jobs (optimizer_kind, sequence DESC);
CREATE INDEX jobs_by_creation ON jobs (created_at, sequence);
CREATE INDEX jobs_by_end ON jobs (finished_at, sequence) WHERE finished_at IS NOT NULL;
CREATE INDEX jobs_by_name ON jobs (lower(coalesce(name, '')) COLLATE "C", sequence);
CREATE INDEX jobs_by_priority ON jobs (priority, sequence);
CREATE INDEX jobs_by_emc ON jobs (((result ->> 'emc')::float8), sequence) WHERE (result ->> 'emc') IS NOT NULL;
CREATE INDEX jobs_ended_by_version ON jobs (version) WHERE state IN ('succeeded', 'failed', 'cancelled');

-- Labels as rows, so that the jobs of one label are found in their order.
CREATE TABLE job_labels (
  key      text NOT NULL,
  value    text NOT NULL,
  sequence bigint NOT NULL REFERENCES jobs (sequence) ON DELETE CASCADE,
  PRIMARY KEY (key, sequence)
);

CREATE INDEX job_labels_by_value ON job_labels (key, value, sequence);
CREATE INDEX job_labels_by_job ON job_labels (sequence);

CREATE FUNCTION label_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO job_labels (key, value, sequence)
  SELECT key, value, NEW.sequence FROM jsonb_each_text(NEW.labels) ORDER BY key;
  RETURN NULL;
END $$;

CREATE TRIGGER label AFTER INSERT ON jobs FOR EACH ROW WHEN (NEW.labels <> '{}') EXECUTE FUNCTION label_job();

INSERT INTO job_labels (key, value, sequence)
SELECT key, value, sequence FROM jobs, jsonb_each_text(labels);

-- When a job came to know of a probe's end, in the order of the jobs' versions and from the same sequence: stamped as the
-- last thing before the commit, under the lock that versions are stamped under. Whoever has seen one will never see a
-- smaller one appear. NULL for ends that were known before there was this column.
ALTER TABLE job_probes ADD COLUMN ended_version bigint;

CREATE INDEX job_probes_by_end ON job_probes (ended_version) WHERE ended_version IS NOT NULL;
CREATE INDEX job_probes_of_job_by_end ON job_probes (job_id, ended_version) WHERE ended_version IS NOT NULL;

CREATE FUNCTION stamp_end() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  stamped job_probes;
BEGIN
  PERFORM pg_advisory_xact_lock(6647141);
  UPDATE job_probes SET ended_version = nextval('job_versions')
  WHERE job_id = NEW.job_id AND position = NEW.position AND ended_as IS NOT NULL
    AND ended_version IS NOT DISTINCT FROM NEW.ended_version
  RETURNING * INTO stamped;
  IF FOUND THEN
    PERFORM pg_notify('emc_jobs', stamped.job_id || ' probe ' || stamped.ended_version);
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER stamp_new AFTER INSERT ON job_probes DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.ended_as IS NOT NULL) EXECUTE FUNCTION stamp_end();
CREATE CONSTRAINT TRIGGER stamp_change AFTER UPDATE OF ended_as ON job_probes DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.ended_as IS NOT NULL AND OLD.ended_as IS DISTINCT FROM NEW.ended_as)
  EXECUTE FUNCTION stamp_end();

-- For spreadsheets, notebooks and dashboards that read the database themselves: a row a measurement that has ended, and a
-- row a finished probe of each job.
CREATE VIEW emc_results AS
SELECT
  id, name, state::text AS state, dataset_name AS dataset, model_kind AS model, optimizer_kind AS optimizer,
  (result ->> 'emc')::bigint AS emc,
  (result #>> '{interval,lower}')::bigint AS interval_lower,
  (result #>> '{interval,upper}')::bigint AS interval_upper,
  (result #>> '{interval,level}')::float8 AS interval_level,
  (result #>> '{budget,settled}')::boolean AS settled,
  result ->> 'bounded_by' AS bounded_by,
  parameter_count,
  (result ->> 'emc_per_parameter')::float8 AS emc_per_parameter,
  (result ->> 'probe_count')::bigint AS probe_count,
  (result #>> '{fit_probability,threshold}')::float8 AS threshold,
  (result #>> '{fit_probability,monotone_p_value}')::float8 AS monotone_p_value,
  (result #>> '{budget,steps}')::bigint AS budget_steps,
  (specification ->> 'seed')::numeric AS seed,
  labels, priority, error, created_at, started_at, finished_at, specification, result
FROM jobs
WHERE state IN ('succeeded', 'failed', 'cancelled');

CREATE VIEW emc_probes AS
SELECT
  link.job_id, jobs.name AS job_name, digest, kind::text AS kind, samples, replicate, guard AS max_steps,
  outcome::text AS outcome, verdict::text AS verdict, steps, seconds, kernels, worker, probes.started_at,
  probes.finished_at,
  (report ->> 'training_accuracy')::float8 AS training_accuracy,
  (report ->> 'loss')::float8 AS loss,
  (report ->> 'gradient_norm')::float8 AS gradient_norm,
  (report ->> 'epochs')::bigint AS epochs,
  report
FROM job_probes link JOIN probes USING (digest) JOIN jobs ON jobs.id = link.job_id
WHERE probes.state = 'finished';

-- A role that may read these views and nothing else, where this one may make roles; it can't log in by itself: grant it to
-- one that can (docs/operations.md).
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'emc_reader') THEN
    CREATE ROLE emc_reader NOLOGIN;
  END IF;
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
  RAISE NOTICE 'the role emc_reader is not made: %', SQLERRM;
END $$;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'emc_reader') THEN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO emc_reader', current_schema());
    GRANT SELECT ON emc_results, emc_probes TO emc_reader;
  END IF;
END $$;
