-- +goose Up
-- Records that became one, with all that brings each back.
CREATE TABLE record_merge (
    id      TEXT PRIMARY KEY,
    kind    TEXT   NOT NULL,
    into_id TEXT   NOT NULL,                 -- the record that stands
    user_id TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    stamp   BIGINT NOT NULL,                 -- when that record was changed by it: changed again, there is no way back
    kept    TEXT   NOT NULL                  -- JSON
);
CREATE INDEX record_merge_into ON record_merge (into_id);
-- Where the old ids lead.
CREATE TABLE merged (
    id       TEXT PRIMARY KEY,
    into_id  TEXT NOT NULL,
    merge_id TEXT NOT NULL
);
CREATE INDEX merged_into ON merged (into_id);
CREATE INDEX merged_merge ON merged (merge_id);

-- +goose Down
DROP TABLE merged;
DROP TABLE record_merge;
