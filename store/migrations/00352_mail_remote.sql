-- +goose Up
-- Mailboxes kept elsewhere: their mail is mirrored into a mailbox here, and sent by their own server.
ALTER TABLE mailbox ADD COLUMN remote BOOLEAN NOT NULL DEFAULT FALSE;
-- The mailbox whose own server sends the message; '': this one does.
ALTER TABLE mail_out ADD COLUMN via TEXT NOT NULL DEFAULT '';

CREATE TABLE mail_remote (
    id         TEXT PRIMARY KEY,
    mailbox    TEXT    NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    provider   TEXT    NOT NULL,           -- whose OAuth log-in it has; '': a password
    login      TEXT    NOT NULL,
    secret     TEXT    NOT NULL,           -- password or tokens, sealed (guard.Seal)
    imap       TEXT    NOT NULL,           -- host:port
    imap_tls   TEXT    NOT NULL,           -- tls, starttls or none
    smtp       TEXT    NOT NULL,
    smtp_tls   TEXT    NOT NULL,
    keeps_sent BOOLEAN NOT NULL,           -- its server puts what it sends into Sent by itself
    days       BIGINT  NOT NULL,           -- how far back mail is fetched
    active     BOOLEAN NOT NULL,
    version    BIGINT  NOT NULL,           -- of the settings
    state      TEXT    NOT NULL,
    told       TEXT    NOT NULL,           -- what its server said
    since      BIGINT  NOT NULL,           -- when that state began
    todo       BIGINT  NOT NULL,           -- messages that are fetched from the past
    done       BIGINT  NOT NULL,           -- … so far
    created_at BIGINT  NOT NULL
);
CREATE UNIQUE INDEX mail_remote_mailbox ON mail_remote (mailbox);

CREATE TABLE mail_remote_folder (
    id          TEXT PRIMARY KEY,
    account     TEXT    NOT NULL REFERENCES mail_remote (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,          -- as its server calls it
    special_use TEXT    NOT NULL,          -- Inbox, Sent, Drafts, Junk, Trash, Archive, All or ''
    chosen      BOOLEAN NOT NULL,          -- mirrored
    local       TEXT    NOT NULL,          -- id of the folder here; '': none yet
    validity    BIGINT  NOT NULL,          -- UIDVALIDITY
    next        BIGINT  NOT NULL,          -- UIDs from here on are new mail; 0: not looked at so far
    modseq      BIGINT  NOT NULL,
    total       BIGINT  NOT NULL,
    filled      BOOLEAN NOT NULL           -- what is to come from the past is here
);
CREATE UNIQUE INDEX mail_remote_folder_name ON mail_remote_folder (account, name);

CREATE TABLE mail_remote_message (
    folder   TEXT    NOT NULL REFERENCES mail_remote_folder (id) ON DELETE CASCADE,
    uid      BIGINT  NOT NULL,
    message  TEXT    NOT NULL,             -- id of the copy here; '': too big for one
    seen     BOOLEAN NOT NULL,             -- as both sides had it last
    flagged  BOOLEAN NOT NULL,
    answered BOOLEAN NOT NULL,
    PRIMARY KEY (folder, uid)
);
CREATE INDEX mail_remote_message_copy ON mail_remote_message (message);

-- +goose Down
DROP TABLE mail_remote_message;
DROP TABLE mail_remote_folder;
DROP TABLE mail_remote;
ALTER TABLE mail_out DROP COLUMN via;
ALTER TABLE mailbox DROP COLUMN remote;
