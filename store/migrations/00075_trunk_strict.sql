-- +goose Up
-- Whether sound of the trunk is taken only from the address and port that its session descriptions name.
ALTER TABLE trunk ADD COLUMN strict BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE trunk DROP COLUMN strict;
