-- +goose Up
-- Events on their way: written in the transaction that makes them so, taken from here by whoever gives them their numbers in event.
CREATE TABLE outbox (
    id          TEXT PRIMARY KEY,             -- by the time it was told
    type        TEXT   NOT NULL,
    key         TEXT   NOT NULL,
    data        TEXT   NOT NULL,              -- JSON
    public      TEXT   NOT NULL,              -- as in event
    audience    TEXT   NOT NULL,              -- JSON list of user ids
    record_kind TEXT   NOT NULL,
    record_id   TEXT   NOT NULL,
    at          BIGINT NOT NULL
);

-- The record that an event is about: who may read it when the event is read out may know; '': none.
ALTER TABLE event ADD COLUMN record_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE event ADD COLUMN record_id TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE event DROP COLUMN record_id;
ALTER TABLE event DROP COLUMN record_kind;
DROP TABLE outbox;
