-- +goose Up
-- What mail programs list and search of a message's header, by its content: none is opened for it. Without a row it is.
CREATE TABLE mail_head (
    blob TEXT  PRIMARY KEY,
    head BYTEA NOT NULL
);
-- Mail stored before gets its row by and by.
INSERT INTO job (id, kind, payload, state, run_at, attempts, max_attempts, lease, lease_until, last_error, created_at)
SELECT 'mail.head', 'mail.search', '{"again":true}', 'ready', 0, 0, 20, '', 0, '', 0 WHERE EXISTS (SELECT 1 FROM mail_message);

-- +goose Down
DROP TABLE mail_head;
