-- +goose Up
-- Whose a conversation of a shared mailbox is.
CREATE TABLE mail_assigned (
    mailbox TEXT   NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    thread  TEXT   NOT NULL,
    user_id TEXT   NOT NULL,
    by_user TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (mailbox, thread)
);

-- What its users say to each other beside a conversation; it is never mailed.
CREATE TABLE mail_comment (
    id       TEXT PRIMARY KEY,
    mailbox  TEXT   NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    thread   TEXT   NOT NULL,
    user_id  TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    mentions TEXT   NOT NULL,               -- JSON, ids of users
    at       BIGINT NOT NULL
);
CREATE INDEX mail_comment_thread ON mail_comment (mailbox, thread, at);

-- Who has a conversation of a shared mailbox open: renewed while it is.
CREATE TABLE mail_look (
    user_id TEXT   NOT NULL,
    tab     TEXT   NOT NULL,
    mailbox TEXT   NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    thread  TEXT   NOT NULL,
    doing   TEXT   NOT NULL,                -- reading, answering
    since   BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    PRIMARY KEY (user_id, tab)
);
CREATE INDEX mail_look_mailbox ON mail_look (mailbox, thread);

-- Who sent what in conversations of shared mailboxes.
CREATE TABLE mail_answered (
    mail    TEXT PRIMARY KEY,               -- message: the draft, or its copy in Sent
    mailbox TEXT   NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    thread  TEXT   NOT NULL,
    user_id TEXT   NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX mail_answered_thread ON mail_answered (mailbox, thread, at);

-- What a user is told of conversations of shared mailboxes, until he opens them.
CREATE TABLE mail_notice (
    id      TEXT PRIMARY KEY,
    user_id TEXT   NOT NULL,
    kind    TEXT   NOT NULL,                -- assigned, mentioned
    by_user TEXT   NOT NULL,
    mailbox TEXT   NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    thread  TEXT   NOT NULL,
    body    TEXT   NOT NULL,                -- of the comment
    at      BIGINT NOT NULL
);
CREATE INDEX mail_notice_user ON mail_notice (user_id, at);

-- +goose Down
DROP TABLE mail_notice;
DROP TABLE mail_answered;
DROP TABLE mail_look;
DROP TABLE mail_comment;
DROP TABLE mail_assigned;
