-- What a search reads of a probe beside its outcome: the codes of its diagnosis, and the levels of training error that it
-- reached ([{"training_error": …, "steps": …}]). Both are in the report too, which is for people.

ALTER TABLE probes
  ADD COLUMN diagnosis text[] NOT NULL DEFAULT '{}',
  ADD COLUMN reached   jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(reached) = 'array');

ALTER TABLE probes DISABLE TRIGGER USER;

UPDATE probes SET
  diagnosis = coalesce(
    (SELECT array_agg(finding ->> 'code' ORDER BY place)
      FROM json_array_elements(report -> 'diagnosis') WITH ORDINALITY AS list (finding, place)), '{}'),
  reached = coalesce((report -> 'reached')::jsonb, '[]')
WHERE state = 'finished' AND report IS NOT NULL;

ALTER TABLE probes ENABLE TRIGGER USER;

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
  rest.diagnosis := OLD.diagnosis;
  rest.reached := OLD.reached;
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
