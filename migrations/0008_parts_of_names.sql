-- Jobs by a part of their name, and by two kinds at once, at any number of jobs.

CREATE INDEX jobs_by_model_and_optimizer ON jobs (model_kind, optimizer_kind, sequence DESC);
CREATE INDEX jobs_by_dataset_and_model ON jobs (dataset_name, model_kind, sequence DESC);

-- Trigrams come with PostgreSQL, but not every database lets them in; without them names are looked through one by one.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'names are not indexed by their parts: %', SQLERRM;
END $$;

DO $$
DECLARE
  place text := (
    SELECT nspname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm');
BEGIN
  IF place IS NOT NULL THEN
    EXECUTE format('CREATE INDEX jobs_by_name_part ON jobs USING gin (lower(name) %I.gin_trgm_ops)', place);
  END IF;
END $$;
