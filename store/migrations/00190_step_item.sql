-- +goose Up
-- Of which thing a step of a call is: a prompt that was played.
ALTER TABLE call_step ADD COLUMN item TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE call_step DROP COLUMN item;
