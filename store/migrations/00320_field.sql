-- +goose Up
-- Fields that a company adds to its records; some come with the program.
CREATE TABLE field (
    id       TEXT PRIMARY KEY,
    name     TEXT    NOT NULL,
    type     TEXT    NOT NULL,               -- text, number, money, date, yes_no, choice, choices, user, tags
    kinds    TEXT    NOT NULL,               -- JSON: of which kinds of record
    choices  TEXT    NOT NULL,               -- JSON: id and name of each
    position BIGINT  NOT NULL,
    built_in BOOLEAN NOT NULL,
    removed  BOOLEAN NOT NULL                -- seen nowhere; its values wait for its return
);
INSERT INTO field (id, name, type, kinds, choices, position, built_in, removed) VALUES
    ('tags', 'Tags', 'tags', '["lead","deal","contact","company"]', '[]', 0, TRUE, FALSE),
    ('source', 'Source', 'choice', '["lead","deal","contact","company"]',
     '[{"id":"website","name":"Website"},{"id":"recommendation","name":"Recommendation"},{"id":"advertising","name":"Advertising"},{"id":"exhibition","name":"Exhibition"},{"id":"cold_call","name":"Cold call"}]', 1, TRUE, FALSE),
    ('lost_reason', 'Why lost', 'choice', '["deal"]',
     '[{"id":"price","name":"Price"},{"id":"competitor","name":"Competitor"},{"id":"timing","name":"Not now"},{"id":"no_need","name":"No need"},{"id":"no_answer","name":"No answer"}]', 2, TRUE, FALSE),
    ('utm_source', 'UTM source', 'text', '["lead","deal"]', '[]', 3, TRUE, FALSE),
    ('utm_medium', 'UTM medium', 'text', '["lead","deal"]', '[]', 4, TRUE, FALSE),
    ('utm_campaign', 'UTM campaign', 'text', '["lead","deal"]', '[]', 5, TRUE, FALSE),
    ('utm_term', 'UTM term', 'text', '["lead","deal"]', '[]', 6, TRUE, FALSE),
    ('utm_content', 'UTM content', 'text', '["lead","deal"]', '[]', 7, TRUE, FALSE);

-- What a record has in them stands in its row, JSON: the texts of each field by its id …
ALTER TABLE contact ADD COLUMN fields TEXT NOT NULL DEFAULT '';
ALTER TABLE company ADD COLUMN fields TEXT NOT NULL DEFAULT '';
ALTER TABLE lead ADD COLUMN fields TEXT NOT NULL DEFAULT '';
ALTER TABLE deal ADD COLUMN fields TEXT NOT NULL DEFAULT '';

-- … and here, for lists that ask for it.
CREATE TABLE field_value (
    entity_id TEXT   NOT NULL,
    field     TEXT   NOT NULL,
    kind      TEXT   NOT NULL,               -- of the record
    value     BYTEA  NOT NULL,               -- its beginning, as texts are compared
    rank      BIGINT NOT NULL,               -- of numbers, money and dates: their order
    PRIMARY KEY (entity_id, field, value)
);
CREATE INDEX field_value_is ON field_value (field, kind, value, entity_id);
CREATE INDEX field_value_rank ON field_value (field, kind, rank, entity_id);

-- +goose Down
DROP TABLE field_value;
ALTER TABLE deal DROP COLUMN fields;
ALTER TABLE lead DROP COLUMN fields;
ALTER TABLE company DROP COLUMN fields;
ALTER TABLE contact DROP COLUMN fields;
DROP TABLE field;
