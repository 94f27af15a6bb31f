-- +goose Up
-- When who waits asked to be called back: what his number asked after that goes first.
ALTER TABLE queue_caller ADD COLUMN asked_at BIGINT NOT NULL DEFAULT 0;   -- 0: he waits himself, or asked before this was kept

-- +goose Down
ALTER TABLE queue_caller DROP COLUMN asked_at;
