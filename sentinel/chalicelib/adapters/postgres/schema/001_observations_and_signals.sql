-- Observations with all their revisions, and the signals concluded from them. Amounts are numeric, never floating point.
-- Units stand beside each amount; known_at is when the world could know it, fetched_at when it was read here.
CREATE TABLE sentinel.observation (
    scraper text NOT NULL,
    as_of date NOT NULL,
    key text NOT NULL,
    revision integer NOT NULL,
    item text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    value numeric,
    unit text NOT NULL,
    confidence text NOT NULL,
    source text NOT NULL,
    words text NOT NULL,
    detail jsonb NOT NULL,
    known_at timestamptz NOT NULL,
    fetched_at timestamptz NOT NULL,
    withdrawn boolean NOT NULL,
    PRIMARY KEY (scraper, as_of, key, revision)
);

CREATE TABLE sentinel.signal (
    run_id text NOT NULL,
    generation integer NOT NULL,
    scraper text NOT NULL,
    "window" text NOT NULL,
    as_of date NOT NULL,
    headline numeric,
    unit text NOT NULL,
    change numeric,
    change_unit text NOT NULL,
    compared_with text,
    coverage numeric NOT NULL,
    confidence text NOT NULL,
    withheld text,
    contributors jsonb NOT NULL,
    data jsonb NOT NULL,
    concluded_at timestamptz NOT NULL,
    PRIMARY KEY (run_id, generation)
);

CREATE INDEX signal_by_time ON sentinel.signal (scraper, as_of);

CREATE VIEW sentinel.observation_now AS
SELECT DISTINCT ON (scraper, as_of, key) *
FROM sentinel.observation
ORDER BY scraper, as_of, key, revision DESC;

CREATE VIEW sentinel.signal_now AS
SELECT DISTINCT ON (run_id) *
FROM sentinel.signal
ORDER BY run_id, generation DESC;
