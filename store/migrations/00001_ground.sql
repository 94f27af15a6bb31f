-- +goose Up
CREATE TABLE job (
    id           TEXT PRIMARY KEY,
    kind         TEXT   NOT NULL,
    dedupe       TEXT,                       -- at most one waiting job per (kind, dedupe)
    payload      TEXT   NOT NULL,            -- JSON
    state        TEXT   NOT NULL,            -- ready, leased, dead
    run_at       BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    lease        TEXT   NOT NULL,            -- token of the worker that holds it
    lease_until  BIGINT NOT NULL,
    last_error   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX job_due ON job (kind, state, run_at);
CREATE UNIQUE INDEX job_dedupe ON job (kind, dedupe) WHERE dedupe IS NOT NULL;

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL                      -- JSON
);

CREATE TABLE node (
    id        TEXT PRIMARY KEY,
    epoch     BIGINT NOT NULL,
    address   TEXT   NOT NULL,
    state     TEXT   NOT NULL,               -- up, draining, gone
    seen_at   BIGINT NOT NULL
);

-- +goose Down
DROP TABLE node;
DROP TABLE setting;
DROP TABLE job;
