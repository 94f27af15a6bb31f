-- +goose Up
-- What a title that the server wrote says, as JSON, for whoever words it in another language; '': a person's own text.
ALTER TABLE activity ADD COLUMN made TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE activity DROP COLUMN made;
