-- What no job has is looked for by age each minute, where jobs are deleted with time: the oldest ends, and the oldest of those
-- that wait for nobody.
CREATE INDEX probes_by_end ON probes (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX probes_unwanted ON probes (created_at) WHERE state = 'queued' AND turn IS NULL;
