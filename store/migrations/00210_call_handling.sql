-- +goose Up
-- How users want to be called: what each set for himself, or an admin for him. Who has no row is rung, and no more.
CREATE TABLE call_handling (
    user_id TEXT PRIMARY KEY,
    rules   TEXT NOT NULL                    -- JSON: do not disturb, forwarding, own hours
);
ALTER TABLE trunk ADD COLUMN shows_caller BOOLEAN NOT NULL DEFAULT FALSE; -- forwarded calls show the caller's number

-- +goose Down
ALTER TABLE trunk DROP COLUMN shows_caller;
DROP TABLE call_handling;
