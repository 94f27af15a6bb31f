-- +goose Up
-- How many times in a row the one who ran a job was never heard of again, or could not write its outcome.
ALTER TABLE job ADD COLUMN lost BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE job DROP COLUMN lost;
