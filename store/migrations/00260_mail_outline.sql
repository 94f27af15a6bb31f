-- +goose Up
-- Envelope and structure of a content as IMAP says them: no mail program that lists a folder has messages opened.
ALTER TABLE mail_head ADD COLUMN envelope BYTEA;
ALTER TABLE mail_head ADD COLUMN structure BYTEA;
-- Mail stored before gets them by and by.
INSERT INTO job (id, kind, payload, state, run_at, attempts, max_attempts, lease, lease_until, last_error, created_at)
SELECT 'mail.outline', 'mail.search', '{"again":true}', 'ready', 0, 0, 20, '', 0, '', 0 WHERE EXISTS (SELECT 1 FROM mail_message);

-- +goose Down
ALTER TABLE mail_head DROP COLUMN structure;
ALTER TABLE mail_head DROP COLUMN envelope;
