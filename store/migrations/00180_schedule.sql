-- +goose Up
-- When the company works; where calls go outside of that stands with each number and extension.
CREATE TABLE schedule (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    zone     TEXT NOT NULL,                  -- IANA
    hours    TEXT NOT NULL,                  -- JSON list
    holidays TEXT NOT NULL                   -- JSON list
);
ALTER TABLE phone_number ADD COLUMN schedule TEXT NOT NULL DEFAULT ''; -- '': it leads to the same at any time
ALTER TABLE phone_number ADD COLUMN closed TEXT NOT NULL DEFAULT '';   -- JSON, '' without a schedule
ALTER TABLE extension ADD COLUMN schedule TEXT NOT NULL DEFAULT '';
ALTER TABLE extension ADD COLUMN closed TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE extension DROP COLUMN closed;
ALTER TABLE extension DROP COLUMN schedule;
ALTER TABLE phone_number DROP COLUMN closed;
ALTER TABLE phone_number DROP COLUMN schedule;
DROP TABLE schedule;
