-- The largest of the queued probes is asked for every few seconds, by machines that may be too small for it. Claims can't take
-- this index for theirs, and sort all that it holds, since they don't ask for a memory that is known: with statistics of an
-- empty queue any index of the queue looks as good as the one that has its order.
CREATE INDEX probes_queue_by_memory ON probes (memory)
  WHERE state = 'queued' AND turn IS NOT NULL AND memory IS NOT NULL;
