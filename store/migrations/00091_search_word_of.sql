-- +goose Up
-- The words of a record together, without a look at its rows: a search asks its candidates for them.
CREATE INDEX search_word_of ON search_word (entity_id, word);

-- +goose Down
DROP INDEX search_word_of;
