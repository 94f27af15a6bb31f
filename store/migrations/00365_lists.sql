-- +goose Up
-- Lists that people keep: what they ask for, in which order, with which columns.
CREATE TABLE saved_view (
    id      TEXT PRIMARY KEY,
    list    TEXT    NOT NULL,                -- kind of record
    name    TEXT    NOT NULL,
    owner   TEXT    NOT NULL,                -- user
    shared  BOOLEAN NOT NULL,                -- everybody has it
    query   TEXT    NOT NULL                 -- JSON
);
CREATE INDEX saved_view_owner ON saved_view (owner);

-- Changes of many records at once, as each was before: for the way back.
CREATE TABLE bulk_change (
    id      TEXT PRIMARY KEY,
    user_id TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    kind    TEXT   NOT NULL,
    before  TEXT   NOT NULL                  -- JSON
);
CREATE INDEX bulk_change_at ON bulk_change (at);

-- Lists by when a record was changed, and by what a deal is worth.
CREATE INDEX contact_updated ON contact (updated_at, id);
CREATE INDEX company_updated ON company (updated_at, id);
CREATE INDEX lead_updated ON lead (updated_at, id);
CREATE INDEX deal_updated ON deal (updated_at, id);
CREATE INDEX deal_amount ON deal (amount, id);

-- +goose Down
DROP INDEX deal_amount;
DROP INDEX deal_updated;
DROP INDEX lead_updated;
DROP INDEX company_updated;
DROP INDEX contact_updated;
DROP TABLE bulk_change;
DROP TABLE saved_view;
