-- +goose Up
-- What a message sounds like, as it is drawn: JSON list of its loudest moments, 0 to 255; '' of older ones.
ALTER TABLE voicemail ADD COLUMN peaks TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE voicemail DROP COLUMN peaks;
