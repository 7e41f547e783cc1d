-- The tables of adapters/sqlite at schema 1: instants and days are ISO 8601 text, bodies are JSON of codec.py.

CREATE TABLE lease (run_id TEXT PRIMARY KEY, holder TEXT NOT NULL, until TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE plan (run_id TEXT PRIMARY KEY, scraper TEXT NOT NULL, first TEXT NOT NULL, generation INTEGER NOT NULL,
    made_at TEXT NOT NULL, items INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX plan_newest ON plan (scraper, first);
CREATE TABLE outcome (run_id TEXT, item TEXT, body TEXT NOT NULL, PRIMARY KEY (run_id, item)) WITHOUT ROWID;
CREATE TABLE observation (scraper TEXT, as_of TEXT, key TEXT, revision INTEGER, known_at TEXT NOT NULL,
    fetched_at TEXT NOT NULL, item TEXT NOT NULL, withdrawn INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (scraper, as_of, key, revision)) WITHOUT ROWID;
CREATE INDEX observation_item ON observation (scraper, item);
CREATE TABLE conclusion (run_id TEXT, generation INTEGER, scraper TEXT NOT NULL, first TEXT NOT NULL,
    concluded_at TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (run_id, generation));
CREATE INDEX conclusion_history ON conclusion (scraper, first, generation);
CREATE TABLE dispatch (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, run_id TEXT NOT NULL,
    generation INTEGER NOT NULL, sent_at TEXT, delivered TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX dispatch_run ON dispatch (run_id, place);
CREATE INDEX dispatch_pending ON dispatch (place) WHERE sent_at IS NULL;
CREATE TABLE kept (name TEXT, at TEXT, body TEXT NOT NULL, PRIMARY KEY (name, at)) WITHOUT ROWID;
