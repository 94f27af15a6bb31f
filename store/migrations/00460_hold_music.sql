-- +goose Up
-- What who waits in a queue hears: a prompt, '' for the company's hold music.
ALTER TABLE queue ADD COLUMN music TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE queue DROP COLUMN music;
