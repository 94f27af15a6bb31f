-- +goose Up
-- Callers are told their place, and how long they may have to wait.
ALTER TABLE queue ADD COLUMN announce BIGINT NOT NULL DEFAULT 0;      -- seconds between two times, 0: never
ALTER TABLE queue ADD COLUMN language TEXT NOT NULL DEFAULT 'en';     -- in which
-- How long those waited whom agents took, the latest counting most.
CREATE TABLE queue_wait (
    queue  TEXT PRIMARY KEY,
    waited BIGINT NOT NULL
);

-- +goose Down
DROP TABLE queue_wait;
ALTER TABLE queue DROP COLUMN language;
ALTER TABLE queue DROP COLUMN announce;
