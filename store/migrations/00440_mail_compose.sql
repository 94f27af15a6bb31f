-- +goose Up
-- What stands below the mails of a mailbox: of one user, or where user_id is '' of all who write as it and have none.
CREATE TABLE mail_signature (
    mailbox TEXT NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    html    TEXT NOT NULL,
    PRIMARY KEY (mailbox, user_id)
);

-- Mails that are written again and again, with places for what the CRM knows.
CREATE TABLE mail_template (
    id         TEXT PRIMARY KEY,
    name       TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    html       TEXT    NOT NULL,
    owner      TEXT    NOT NULL,                -- user
    shared     BOOLEAN NOT NULL,                -- everybody uses it
    updated_at BIGINT  NOT NULL
);
CREATE INDEX mail_template_owner ON mail_template (owner);

-- +goose Down
DROP TABLE mail_template;
DROP TABLE mail_signature;
