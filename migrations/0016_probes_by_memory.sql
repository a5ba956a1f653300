-- The largest of the queued probes is asked for every few seconds, by machines that may be too small for it. The memory alone:
-- with the revision before it, claims would take this index for theirs, and sort all that it holds.
CREATE INDEX probes_queue_by_memory ON probes (memory) WHERE state = 'queued' AND turn IS NOT NULL;
