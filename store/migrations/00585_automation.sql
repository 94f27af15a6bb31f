-- +goose Up
-- What happens by itself when something becomes of records.
CREATE TABLE automation_rule (
    id         TEXT PRIMARY KEY,
    name       TEXT    NOT NULL,
    position   BIGINT  NOT NULL,
    active     BOOLEAN NOT NULL,
    kind       TEXT    NOT NULL,             -- of the records that it is about
    starts     TEXT    NOT NULL,             -- JSON: what sets it off
    condition  TEXT    NOT NULL,             -- JSON
    actions    TEXT    NOT NULL,             -- JSON
    since      BIGINT  NOT NULL,             -- when it was switched on
    stopped    TEXT    NOT NULL,             -- '', loop, busy: why it was switched off by itself
    stopped_at BIGINT  NOT NULL,
    stopped_by TEXT    NOT NULL,             -- JSON: with which record
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL
);

-- What rules did, have to do, or could not.
CREATE TABLE automation_run (
    id       TEXT PRIMARY KEY,
    rule     TEXT   NOT NULL,
    name     TEXT   NOT NULL,                -- of the rule, then
    kind     TEXT   NOT NULL,
    record   TEXT   NOT NULL,
    occasion TEXT   NOT NULL,                -- what set it off: the number of an event, or a moment
    state    TEXT   NOT NULL,                -- waiting, done, failed, skipped, stopped
    at       BIGINT NOT NULL,
    chain    TEXT   NOT NULL,
    depth    BIGINT NOT NULL,
    did      TEXT   NOT NULL,                -- JSON
    problem  TEXT   NOT NULL
);
CREATE UNIQUE INDEX automation_run_once ON automation_run (rule, record, occasion);
CREATE INDEX automation_run_at ON automation_run (at, id);
CREATE INDEX automation_run_record ON automation_run (record);
CREATE INDEX automation_run_chain ON automation_run (chain);

-- +goose Down
DROP TABLE automation_run;
DROP TABLE automation_rule;
