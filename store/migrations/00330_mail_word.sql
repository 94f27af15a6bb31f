-- +goose Up
-- Which words the messages of a mailbox have: when those with a word were received, nine letters each, in parts so that no row grows without end.
CREATE TABLE mail_word (
    mailbox TEXT   NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    word    BYTEA  NOT NULL,
    part    BIGINT NOT NULL,
    times   TEXT   NOT NULL,
    PRIMARY KEY (mailbox, part, word)
);
-- How many messages that are, and of which time: a search looks at the latest first, and no further than it has to.
CREATE TABLE mail_indexed (
    mailbox  TEXT   NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    part     BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    PRIMARY KEY (mailbox, part)
);
-- What a version before writes is in the index by and by, too.
ALTER TABLE mail_message ADD COLUMN indexed BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX mail_message_unindexed ON mail_message (mailbox, indexed, id) WHERE NOT indexed;
CREATE INDEX mail_message_time ON mail_message (mailbox, received_at, id);

-- Names of a message's files, one a line.
ALTER TABLE mail_message ADD COLUMN files TEXT NOT NULL DEFAULT '';
INSERT INTO job (id, kind, payload, state, run_at, attempts, max_attempts, lease, lease_until, last_error, created_at)
SELECT 'mail.files', 'mail.search', '{"again":true}', 'ready', 0, 0, 20, '', 0, '', 0 WHERE EXISTS (SELECT 1 FROM mail_message WHERE attachments > 0);

-- +goose Down
ALTER TABLE mail_message DROP COLUMN files;
DROP INDEX mail_message_time;
DROP INDEX mail_message_unindexed;
ALTER TABLE mail_message DROP COLUMN indexed;
DROP TABLE mail_indexed;
DROP TABLE mail_word;
