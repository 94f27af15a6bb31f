-- +goose Up
-- What an API token may do: read, write or admin (all that its user may; those made before). expires_at 0: never.
ALTER TABLE api_token ADD COLUMN scope TEXT NOT NULL DEFAULT 'admin';
ALTER TABLE api_token ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE api_token DROP COLUMN expires_at;
ALTER TABLE api_token DROP COLUMN scope;
