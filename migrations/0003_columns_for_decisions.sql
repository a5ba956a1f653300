-- What the machine decides on becomes columns: advancing and claiming read rows, reports are for people.

CREATE TYPE probe_outcome AS ENUM ('fit', 'minimum', 'saddle', 'budget', 'diverged');
CREATE TYPE probe_kind AS ENUM ('training', 'verification');
-- What a second-order method finds from where a failed probe ended.
CREATE TYPE probe_verdict AS ENUM ('reachable', 'minimum', 'nonsmooth_minimum', 'unbounded', 'undecided');

-- What has ended changes here once, into the same facts in another form.
ALTER TABLE jobs DISABLE TRIGGER USER;
ALTER TABLE probes DISABLE TRIGGER USER;

-- Jobs: what they were admitted with, so that advancing one needs rows alone. What isn't known at submission is
-- NULL until the first process that knows it writes it; then it stays.
ALTER TABLE jobs
  ADD COLUMN engine_revision      integer CHECK (engine_revision > 0),
  ADD COLUMN sample_limit         bigint CHECK (sample_limit > 0),
  ADD COLUMN memory_limit_samples bigint CHECK (memory_limit_samples >= 0),
  ADD COLUMN shape                json,
  ADD COLUMN classes              bigint CHECK (classes > 0),
  ADD COLUMN parameter_count      bigint CHECK (parameter_count > 0),
  ADD COLUMN waiting_for          text,
  ADD COLUMN version              bigint NOT NULL DEFAULT 0,
  ADD COLUMN labels               jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(labels) = 'object'),
  ADD COLUMN priority             integer NOT NULL DEFAULT 0,
  ADD COLUMN request_id           text;

-- Probes. `guard` is the number of steps after which training stops whatever happens; `trajectory` is the digest of
-- all that determines the run but the guard; `memory` the bytes that training it takes.
ALTER TABLE probes
  ADD COLUMN kind            probe_kind NOT NULL DEFAULT 'training',
  ADD COLUMN engine_revision integer CHECK (engine_revision > 0),
  ADD COLUMN guard           bigint CHECK (guard > 0),
  ADD COLUMN trajectory      text CHECK (trajectory ~ '^[0-9a-f]{64}$'),
  ADD COLUMN dataset_digest  text CHECK (dataset_digest ~ '^[0-9a-f]{64}$'),
  ADD COLUMN memory          bigint CHECK (memory >= 0),
  ADD COLUMN steps           bigint CHECK (steps >= 0),
  ADD COLUMN seconds         float8 CHECK (seconds >= 0),
  ADD COLUMN backend         text,
  ADD COLUMN kernels         text,
  ADD COLUMN verdict         probe_verdict;

ALTER TABLE probes DROP CONSTRAINT probes_outcome_iff_finished;
ALTER TABLE probes ALTER COLUMN outcome TYPE probe_outcome USING outcome::probe_outcome;

UPDATE probes SET
  engine_revision = coalesce((specification ->> 'engine_revision')::integer, 1),
  guard = coalesce((specification #>> '{training,max_steps}')::bigint, 1),
  -- Nobody else's: that of an older engine is never gone on from.
  trajectory = digest,
  dataset_digest = specification ->> 'dataset_digest',
  steps = CASE WHEN state = 'finished' THEN coalesce((report ->> 'steps')::bigint, 0) END,
  seconds = CASE WHEN state = 'finished' THEN coalesce((report ->> 'seconds')::float8, 0) END,
  backend = CASE WHEN state = 'finished' THEN 'cpu' END,
  kernels = CASE WHEN state = 'finished' THEN coalesce(report ->> 'blas_kernels', '') END;

ALTER TABLE probes
  ALTER COLUMN engine_revision SET NOT NULL,
  ALTER COLUMN guard SET NOT NULL,
  ALTER COLUMN trajectory SET NOT NULL,
  ADD CONSTRAINT probes_outcome_iff_finished CHECK (
    CASE WHEN state = 'finished' AND kind = 'training' THEN outcome IS NOT NULL
         WHEN state = 'finished' THEN true
         ELSE outcome IS NULL END),
  ADD CONSTRAINT probes_verdict_iff_verified
    CHECK ((verdict IS NOT NULL) = (state = 'finished' AND kind = 'verification')),
  ADD CONSTRAINT probes_measured_iff_finished CHECK (
    num_nulls(steps, seconds, backend, kernels) = CASE state WHEN 'finished' THEN 0 ELSE 4 END);

UPDATE jobs SET
  engine_revision = (
    SELECT max(probes.engine_revision) FROM job_probes JOIN probes USING (digest) WHERE job_id = jobs.id),
  parameter_count = (result ->> 'parameter_count')::bigint,
  -- The probes are rows; whoever shows a result puts them in.
  result = (result::jsonb - 'probes')::json;

ALTER TABLE jobs ENABLE TRIGGER USER;
ALTER TABLE probes ENABLE TRIGGER USER;

-- Answers to requests that carried an `Idempotency-Key`; without a status while the first one is in flight.
CREATE TABLE idempotency_keys (
  key            text PRIMARY KEY,
  request_digest text NOT NULL,
  status         integer CHECK (status BETWEEN 100 AND 599),
  headers        json,
  body           text,
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- The processes that work on this database, by their own word every few seconds.
CREATE TABLE processes (
  name            text PRIMARY KEY,
  engine_revision integer NOT NULL,
  workers         integer NOT NULL CHECK (workers >= 0),
  started_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen_at         timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX processes_by_revision ON processes (engine_revision, seen_at DESC);
