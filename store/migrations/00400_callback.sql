-- +goose Up
-- Who waits in a queue may hang up and be called when it is his turn.
ALTER TABLE queue ADD COLUMN callback BOOLEAN NOT NULL DEFAULT FALSE;        -- callers are offered that
ALTER TABLE queue ADD COLUMN callback_tries BIGINT NOT NULL DEFAULT 3;       -- before it is given up
ALTER TABLE queue ADD COLUMN callback_minutes BIGINT NOT NULL DEFAULT 10;    -- between two
-- Such a row is of no node (node is '') but while one calls.
ALTER TABLE queue_caller ADD COLUMN callback_at BIGINT NOT NULL DEFAULT 0;   -- not called before; 0: he waits himself
ALTER TABLE queue_caller ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;         -- he did not answer
CREATE INDEX queue_caller_callback ON queue_caller (callback_at) WHERE callback_at > 0;

-- +goose Down
DROP INDEX queue_caller_callback;
ALTER TABLE queue_caller DROP COLUMN tries;
ALTER TABLE queue_caller DROP COLUMN callback_at;
ALTER TABLE queue DROP COLUMN callback_minutes;
ALTER TABLE queue DROP COLUMN callback_tries;
ALTER TABLE queue DROP COLUMN callback;
