-- +goose Up
-- Deleted records of the CRM, each with all that brings it back.
CREATE TABLE bin (
    id          TEXT PRIMARY KEY,            -- of the record
    kind        TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    responsible TEXT   NOT NULL,             -- with department: who may see it
    department  TEXT   NOT NULL,
    user_id     TEXT   NOT NULL,             -- who deleted it
    at          BIGINT NOT NULL,
    cause       TEXT   NOT NULL,             -- '', import, merge
    cause_id    TEXT   NOT NULL,
    kept        TEXT   NOT NULL              -- JSON
);
CREATE INDEX bin_at ON bin (at, id);
CREATE INDEX bin_cause ON bin (cause_id, id);

-- +goose Down
DROP TABLE bin;
