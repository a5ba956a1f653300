-- Whether a measurement is settled is said of its budget: webhooks were told null.

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
          'emc', NEW.result -> 'emc', 'interval', NEW.result -> 'interval',
          'settled', NEW.result #> '{budget,settled}',
          'summary', NEW.result -> 'summary', 'error', NEW.error,
          'created_at', to_char(NEW.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'finished_at', to_char(NEW.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))::text);
  END LOOP;
  RETURN NULL;
END $$;
