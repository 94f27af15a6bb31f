-- +goose Up
-- A number that another's client had when it was entered: it matches only while nobody else has it.
ALTER TABLE contact_point ADD COLUMN claimed BOOLEAN NOT NULL DEFAULT FALSE;
-- A block of numbers from value on: what all its numbers begin with, and the last one; '' for a single number.
ALTER TABLE contact_point ADD COLUMN block_of TEXT NOT NULL DEFAULT '';
ALTER TABLE contact_point ADD COLUMN block_end TEXT NOT NULL DEFAULT '';
CREATE INDEX contact_point_block ON contact_point (block_of) WHERE block_of <> '';

-- +goose Down
DROP INDEX contact_point_block;
ALTER TABLE contact_point DROP COLUMN block_end;
ALTER TABLE contact_point DROP COLUMN block_of;
ALTER TABLE contact_point DROP COLUMN claimed;
