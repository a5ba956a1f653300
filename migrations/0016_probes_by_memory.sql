-- The largest of the queued probes is asked for every few seconds, by machines that may be too small for it.
CREATE INDEX probes_queue_by_memory ON probes (engine_revision, memory) WHERE state = 'queued' AND turn IS NOT NULL;
