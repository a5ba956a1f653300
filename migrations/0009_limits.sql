-- A job may be limited in time: then it ends with what it knows. Few are, and those that run are looked at once a second.
CREATE INDEX jobs_with_a_limit_of_time ON jobs (started_at)
  WHERE state = 'running' AND specification #>> '{limits,max_seconds}' IS NOT NULL;
