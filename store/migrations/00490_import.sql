-- +goose Up
-- Files of clients that people bring in: what was read of each, and what became of every line.
CREATE TABLE import (
    id       TEXT PRIMARY KEY,
    user_id  TEXT   NOT NULL,                -- whose import it is
    kind     TEXT   NOT NULL,                -- of record
    name     TEXT   NOT NULL,                -- of the file
    state    TEXT   NOT NULL,                -- draft, running, done, failed, undoing, undone
    policy   TEXT   NOT NULL,                -- of duplicates: skip, update, make
    columns  TEXT   NOT NULL,                -- JSON: headings
    mapping  TEXT   NOT NULL,                -- JSON: what each column is
    total    BIGINT NOT NULL,
    done     BIGINT NOT NULL,                -- lines that are through, forth or back
    at       BIGINT NOT NULL
);
CREATE INDEX import_at ON import (at, id);

CREATE TABLE import_part (
    import TEXT   NOT NULL REFERENCES import (id) ON DELETE CASCADE,
    first  BIGINT NOT NULL,                  -- number of its first line
    lines  TEXT   NOT NULL,                  -- JSON
    PRIMARY KEY (import, first)
);

CREATE TABLE import_result (
    import  TEXT   NOT NULL REFERENCES import (id) ON DELETE CASCADE,
    line    BIGINT NOT NULL,
    kind    TEXT   NOT NULL,                 -- of record: a line may make a company besides
    outcome TEXT   NOT NULL,                 -- made, updating, updated, skipped, failed; undone, kept
    record  TEXT   NOT NULL,                 -- id
    stamp   BIGINT NOT NULL,                 -- when that was written: changed again it is not taken back
    before  TEXT   NOT NULL,                 -- JSON: what was updated, as it was
    problem TEXT   NOT NULL,
    PRIMARY KEY (import, line, kind)
);

-- +goose Down
DROP TABLE import_result;
DROP TABLE import_part;
DROP TABLE import;
