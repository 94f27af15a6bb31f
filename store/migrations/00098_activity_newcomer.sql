-- +goose Up
-- A mail that continues a client's conversation, from an address that is none of his: somebody new takes part.
ALTER TABLE activity ADD COLUMN newcomer BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE activity DROP COLUMN newcomer;
