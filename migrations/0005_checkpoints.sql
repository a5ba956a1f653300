-- Where training stood: a cache, never state. One a probe, the last one; whoever goes on from it ends with the same bits.
CREATE TABLE checkpoints (
  digest       text PRIMARY KEY REFERENCES probes ON DELETE CASCADE,
  -- A probe of the same trajectory with a larger guard is the same run, longer.
  trajectory   text NOT NULL,
  attempt      bigint NOT NULL,
  steps        bigint NOT NULL CHECK (steps >= 0),
  bytes        bigint NOT NULL CHECK (bytes > 0),
  -- Up to 64 MiB here, what is larger in pieces as a large object.
  state        bytea,
  large_object oid,
  -- The end of a probe that has failed to fit, rather than the middle of one under way.
  is_end       boolean NOT NULL DEFAULT false,
  written_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT checkpoints_state_once CHECK (num_nulls(state, large_object) = 1)
);

-- Floating-point numbers don't compress.
ALTER TABLE checkpoints ALTER COLUMN state SET STORAGE EXTERNAL;

CREATE INDEX checkpoints_by_trajectory ON checkpoints (trajectory, steps DESC);
CREATE INDEX checkpoints_ends ON checkpoints (written_at) WHERE is_end;

CREATE FUNCTION unlink_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NEW.large_object IS DISTINCT FROM OLD.large_object THEN
    PERFORM lo_unlink(OLD.large_object);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER unlink AFTER UPDATE OR DELETE ON checkpoints FOR EACH ROW
  WHEN (OLD.large_object IS NOT NULL) EXECUTE FUNCTION unlink_checkpoint();

-- What a probe that has ended leaves is the end state of this very attempt, if any.
CREATE OR REPLACE FUNCTION follow_probe() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE job_probes SET ended_as = CASE WHEN NEW.state IN ('finished', 'failed') THEN NEW.state END
  WHERE digest = NEW.digest;
  IF NEW.state IN ('finished', 'failed') THEN
    DELETE FROM checkpoints WHERE digest = NEW.digest AND NOT (is_end AND attempt = NEW.attempt);
  END IF;
  RETURN NULL;
END $$;
