-- +goose Up
CREATE TABLE mail_domain (
    name       TEXT PRIMARY KEY,
    selector   TEXT   NOT NULL,              -- DKIM
    dkim_key   TEXT   NOT NULL,              -- PKCS #8, PEM
    created_at BIGINT NOT NULL
);

-- Every change of a mailbox's folders or messages begins with an update of its row here:
-- that lock orders the writers of a mailbox, so UIDs, mod-sequences and counters need no other.
CREATE TABLE mailbox (
    id         TEXT PRIMARY KEY,
    address    TEXT   NOT NULL UNIQUE,       -- lower case
    name       TEXT   NOT NULL,
    quota      BIGINT NOT NULL,              -- bytes, 0: none
    used       BIGINT NOT NULL,
    validity   BIGINT NOT NULL,              -- highest UIDVALIDITY given out
    created_at BIGINT NOT NULL
);

CREATE TABLE mailbox_user (
    mailbox  TEXT   NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    user_id  TEXT   NOT NULL,
    position BIGINT NOT NULL,                -- 0 is the owner
    PRIMARY KEY (mailbox, user_id)
);
CREATE INDEX mailbox_user_user ON mailbox_user (user_id);

CREATE TABLE mail_alias (
    address TEXT NOT NULL,                   -- lower case; "@domain" catches all of a domain
    mailbox TEXT NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    PRIMARY KEY (address, mailbox)
);
CREATE INDEX mail_alias_mailbox ON mail_alias (mailbox);

CREATE TABLE mail_folder (
    id           TEXT PRIMARY KEY,
    mailbox      TEXT    NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,           -- separator "/"
    special_use  TEXT    NOT NULL,           -- Sent, Drafts, Junk, Trash, Archive or ''
    uid_validity BIGINT  NOT NULL,
    uid_next     BIGINT  NOT NULL,
    modseq       BIGINT  NOT NULL,           -- of the latest change
    total        BIGINT  NOT NULL,
    unseen       BIGINT  NOT NULL,
    subscribed   BOOLEAN NOT NULL,
    UNIQUE (mailbox, name)
);

CREATE TABLE mail_message (
    id            TEXT PRIMARY KEY,
    mailbox       TEXT    NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    folder        TEXT    NOT NULL REFERENCES mail_folder (id),
    uid           BIGINT  NOT NULL,
    modseq        BIGINT  NOT NULL,
    thread        TEXT    NOT NULL,
    blob          TEXT    NOT NULL,
    size          BIGINT  NOT NULL,
    received_at   BIGINT  NOT NULL,          -- INTERNALDATE
    sent_at       BIGINT  NOT NULL,          -- Date header, 0: none
    message_id    TEXT    NOT NULL,          -- without angle brackets
    from_name     TEXT    NOT NULL,
    from_address  TEXT    NOT NULL,          -- lower case
    to_list       TEXT    NOT NULL,          -- JSON [{name, address}]
    cc_list       TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    snippet       TEXT    NOT NULL,
    search        TEXT    NOT NULL,          -- lower-case people, subject and snippet, for the search of the workplace
    seen          BOOLEAN NOT NULL,
    flagged       BOOLEAN NOT NULL,
    answered      BOOLEAN NOT NULL,
    draft         BOOLEAN NOT NULL,
    deleted       BOOLEAN NOT NULL,
    keywords      TEXT    NOT NULL,          -- IMAP keywords, separated by spaces
    outgoing      BOOLEAN NOT NULL,
    auto          BOOLEAN NOT NULL,
    attachments   BIGINT  NOT NULL,
    junk          BOOLEAN NOT NULL,
    verdict       TEXT    NOT NULL,          -- JSON
    envelope_from TEXT    NOT NULL,
    envelope_to   TEXT    NOT NULL,          -- the recipient as the peer gave it
    helo          TEXT    NOT NULL,
    remote_ip     TEXT    NOT NULL,
    UNIQUE (folder, uid)
);
CREATE INDEX mail_message_changes ON mail_message (folder, modseq);
CREATE INDEX mail_message_page ON mail_message (folder, received_at, id);
CREATE INDEX mail_message_thread ON mail_message (mailbox, thread, received_at);
CREATE INDEX mail_message_id ON mail_message (mailbox, message_id);
CREATE INDEX mail_message_blob ON mail_message (blob);

-- What left a folder, so that a session (on any node) learns of it; kept for a week.
CREATE TABLE mail_expunged (
    folder TEXT   NOT NULL REFERENCES mail_folder (id) ON DELETE CASCADE,
    uid    BIGINT NOT NULL,
    modseq BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (folder, uid)
);
CREATE INDEX mail_expunged_changes ON mail_expunged (folder, modseq);

-- Which thread a Message-ID belongs to, also of messages only named in References so far.
CREATE TABLE mail_thread_member (
    mailbox    TEXT NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    thread     TEXT NOT NULL,
    PRIMARY KEY (mailbox, message_id)
);

-- Blobs that lost a message and may be deleted when no other keeps them.
CREATE TABLE mail_dropped (
    blob TEXT PRIMARY KEY,
    at   BIGINT NOT NULL
);

-- +goose Down
DROP TABLE mail_dropped;
DROP TABLE mail_thread_member;
DROP TABLE mail_expunged;
DROP TABLE mail_message;
DROP TABLE mail_folder;
DROP TABLE mail_alias;
DROP TABLE mailbox_user;
DROP TABLE mailbox;
DROP TABLE mail_domain;
