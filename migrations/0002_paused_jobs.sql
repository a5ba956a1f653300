-- A job can be held and taken up again. By itself, since a new label may not be used before it is committed.

ALTER TYPE job_state ADD VALUE 'paused' AFTER 'running';
