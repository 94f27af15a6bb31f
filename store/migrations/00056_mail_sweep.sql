-- +goose Up
-- Deleting a blob takes a moment, in which somebody may store the same content again: see mail.Box.Sweep.
ALTER TABLE mail_dropped ADD COLUMN swept_at BIGINT NOT NULL DEFAULT 0; -- its deletion began; 0: not yet
ALTER TABLE mail_dropped ADD COLUMN gone_at  BIGINT NOT NULL DEFAULT 0; -- its deletion ended

-- +goose Down
ALTER TABLE mail_dropped DROP COLUMN gone_at;
ALTER TABLE mail_dropped DROP COLUMN swept_at;
