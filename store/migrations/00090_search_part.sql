-- +goose Up
-- The ends of words, so that a search finds what stands within them: of each word of search_word those that have three letters or more, but not of
-- numbers and whole mailboxes. A word stays when no record has it any more: nothing is found by it then.
CREATE TABLE search_part (
    part BYTEA NOT NULL,
    word BYTEA NOT NULL,
    PRIMARY KEY (part, word)
);
-- Those of the words that are there already come by and by.
INSERT INTO job (id, kind, payload, state, run_at, attempts, max_attempts, lease, lease_until, last_error, created_at)
SELECT 'crm.parts', 'crm.parts', '{"again":true}', 'ready', 0, 0, 20, '', 0, '', 0 WHERE EXISTS (SELECT 1 FROM search_word);

-- What one person is responsible for, by name.
CREATE INDEX contact_responsible_name ON contact (responsible, folded, id);
CREATE INDEX company_responsible_name ON company (responsible, folded, id);
CREATE INDEX lead_responsible_name ON lead (responsible, folded, id);
CREATE INDEX deal_responsible_name ON deal (responsible, folded, id);

-- +goose Down
DROP INDEX deal_responsible_name;
DROP INDEX lead_responsible_name;
DROP INDEX company_responsible_name;
DROP INDEX contact_responsible_name;
DROP TABLE search_part;
