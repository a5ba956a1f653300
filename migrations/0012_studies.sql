-- Studies: sets of jobs that vary fields of a specification. A study has no state of its own: it is that of its jobs.

CREATE TABLE studies (
  id            uuid PRIMARY KEY,
  sequence      bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  name          text,
  preset        text,
  scale         text,
  -- `json`, not `jsonb`: the text stays as it was admitted. An extension replaces it.
  specification json NOT NULL,
  revision      integer NOT NULL DEFAULT 0,
  request_id    text,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT studies_specification_is_object CHECK (json_typeof(specification) = 'object'),
  CONSTRAINT studies_scale_iff_preset CHECK ((preset IS NULL) = (scale IS NULL))
);

-- The jobs of a study, each an ordinary one. `cell` is the place among its cells; NULL for a job that an extension has
-- put another one in the place of.
CREATE TABLE study_jobs (
  study_id uuid NOT NULL REFERENCES studies ON DELETE CASCADE,
  job_id   uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
  cell     integer CHECK (cell >= 0),
  PRIMARY KEY (study_id, job_id),
  UNIQUE (study_id, cell)
);

CREATE INDEX study_jobs_by_job ON study_jobs (job_id);
