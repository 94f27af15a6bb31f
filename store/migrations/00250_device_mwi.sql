-- +goose Up
-- How a phone hears of voice messages: it subscribes, or is told unasked (unsolicited).
ALTER TABLE device ADD COLUMN mwi TEXT NOT NULL DEFAULT 'subscribe';

-- +goose Down
ALTER TABLE device DROP COLUMN mwi;
