-- Tokens that requests are made with, the browser sessions that were begun with them, and whose jobs are whose.

CREATE TABLE tokens (
  id           uuid PRIMARY KEY,
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  -- SHA-256 of the token's 256 random bits; the token itself is kept nowhere.
  digest       text NOT NULL UNIQUE CHECK (digest ~ '^[0-9a-f]{64}$'),
  scopes       text[] NOT NULL
    CHECK (scopes <@ ARRAY['read', 'submit', 'admin'] AND cardinality(scopes) BETWEEN 1 AND 3),
  -- Requests a minute; NULL: what the service is set to.
  rate         integer CHECK (rate > 0),
  -- Jobs that have not ended; NULL: any number.
  queue_quota  integer CHECK (queue_quota > 0),
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at   timestamptz,
  last_used_at timestamptz,
  revoked_at   timestamptz
);

-- A look-up goes by a part of the digest; the whole is compared where time tells nothing.
CREATE INDEX tokens_by_prefix ON tokens (left(digest, 16));

CREATE TABLE sessions (
  digest     text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
  token_id   uuid NOT NULL REFERENCES tokens ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL
);

CREATE INDEX sessions_by_prefix ON sessions (left(digest, 16));
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX sessions_by_token ON sessions (token_id);

CREATE TABLE job_tokens (
  job_id   uuid PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
  token_id uuid NOT NULL REFERENCES tokens ON DELETE CASCADE
);

CREATE INDEX job_tokens_by_token ON job_tokens (token_id);
