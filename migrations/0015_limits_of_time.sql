-- Looked at once a second, whatever the planner believes of the states of jobs: no other index holds what is asked for. A job
-- that has not begun isn't looked into.
DROP INDEX jobs_with_a_limit_of_time;
CREATE INDEX jobs_with_a_limit_of_time ON jobs (started_at)
  WHERE started_at IS NOT NULL AND finished_at IS NULL AND specification #>> '{limits,max_seconds}' IS NOT NULL;
