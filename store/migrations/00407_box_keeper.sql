-- +goose Up
-- Who of a box's users may change its greeting by phone; '' for nobody but whose alone it is.
ALTER TABLE voicemail_box ADD COLUMN keeper TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE voicemail_box DROP COLUMN keeper;
