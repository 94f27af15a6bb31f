-- +goose Up
-- Whether the sound of a trunk or phone is encrypted: off, offered, required.
ALTER TABLE trunk ADD COLUMN srtp TEXT NOT NULL DEFAULT 'offered';
ALTER TABLE device ADD COLUMN srtp TEXT NOT NULL DEFAULT 'offered';

-- +goose Down
ALTER TABLE device DROP COLUMN srtp;
ALTER TABLE trunk DROP COLUMN srtp;
