-- +goose Up
-- Mail stored before the search knew texts and names of files becomes known to it by and by.
INSERT INTO job (id, kind, payload, state, run_at, attempts, max_attempts, lease, lease_until, last_error, created_at)
SELECT 'mail.search', 'mail.search', '{"again":true}', 'ready', 0, 0, 20, '', 0, '', 0 WHERE EXISTS (SELECT 1 FROM mail_message);

-- +goose Down
DELETE FROM job WHERE kind = 'mail.search';
