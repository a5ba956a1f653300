-- Webhooks, and what is to be told to them: written in the transaction that ends a job, sent afterwards.

CREATE TABLE webhooks (
  id         uuid PRIMARY KEY,
  url        text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
  -- What deliveries are signed with: it has to be known to sign.
  secret     text NOT NULL,
  -- NULL: told of every job.
  job_id     uuid REFERENCES jobs ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX webhooks_by_job ON webhooks (job_id);

CREATE TYPE delivery_state AS ENUM ('pending', 'delivered', 'failed');

CREATE TABLE webhook_deliveries (
  id              uuid PRIMARY KEY,
  sequence        bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  webhook_id      uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
  event           text NOT NULL,
  -- The content as it is signed: every attempt sends the same bytes.
  payload         text NOT NULL,
  state           delivery_state NOT NULL DEFAULT 'pending',
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz DEFAULT clock_timestamp(),
  -- Who sends it just now, and until when nobody else does.
  sender          text,
  lease_until     timestamptz,
  status          integer,
  error           text,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempted_at    timestamptz,
  delivered_at    timestamptz,
  CONSTRAINT webhook_deliveries_due_iff_pending CHECK ((next_attempt_at IS NOT NULL) = (state = 'pending')),
  CONSTRAINT webhook_deliveries_delivered_at CHECK ((delivered_at IS NOT NULL) = (state = 'delivered'))
);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at, sequence) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (webhook_id, sequence) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, sequence DESC);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at) WHERE state <> 'pending';

-- However a job ends, whoever ends it: what is to be told of it is committed with its end, or neither is.
CREATE FUNCTION tell_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  hook     record;
  delivery uuid;
BEGIN
  FOR hook IN SELECT id FROM webhooks WHERE job_id IS NULL OR job_id = NEW.id ORDER BY created_at, id LOOP
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

CREATE TRIGGER tell_webhooks AFTER UPDATE ON jobs FOR EACH ROW
  WHEN (OLD.state NOT IN ('succeeded', 'failed', 'cancelled') AND NEW.state IN ('succeeded', 'failed', 'cancelled'))
  EXECUTE FUNCTION tell_webhooks();

-- What metrics count of ended probes is read from here alone.
CREATE INDEX probes_ended ON probes (outcome) INCLUDE (steps, seconds) WHERE state = 'finished' AND kind = 'training';
