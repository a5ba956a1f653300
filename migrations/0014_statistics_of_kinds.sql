-- Which data sets, models and optimizers come together: taken for independent, a pair that no job has looks like a quarter of
-- them, and a page of it was looked for through every job in the order of submission instead of by the index of the two.
CREATE STATISTICS jobs_kinds (mcv) ON dataset_name, model_kind, optimizer_kind FROM jobs;
ANALYZE jobs;
