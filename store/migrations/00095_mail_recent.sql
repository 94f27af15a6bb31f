-- +goose Up
-- UIDs from here on were told to no IMAP session yet: \Recent (RFC 3501 section 2.3.2).
ALTER TABLE mail_folder ADD COLUMN recent BIGINT NOT NULL DEFAULT 1;
UPDATE mail_folder SET recent = uid_next;

-- Names that are subscribed though the folder is gone (RFC 3501 section 6.3.6).
CREATE TABLE mail_lost_subscription (
    mailbox TEXT NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    name    TEXT NOT NULL,
    PRIMARY KEY (mailbox, name)
);

-- +goose Down
DROP TABLE mail_lost_subscription;
ALTER TABLE mail_folder DROP COLUMN recent;
