-- +goose Up
-- What happens to mail that comes into a mailbox, in this order.
CREATE TABLE mail_rule (
    mailbox  TEXT    NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    position BIGINT  NOT NULL,
    rule     TEXT    NOT NULL,               -- JSON
    PRIMARY KEY (mailbox, position)
);

-- What a rule did that must be done once.
CREATE TABLE mail_forwarded (
    message TEXT PRIMARY KEY,
    mailbox TEXT   NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX mail_forwarded_at ON mail_forwarded (mailbox, at);

-- Answers while somebody is away (RFC 3834), and who had one.
CREATE TABLE mail_away (
    mailbox TEXT PRIMARY KEY REFERENCES mailbox (id) ON DELETE CASCADE,
    away    TEXT    NOT NULL                 -- JSON
);
CREATE TABLE mail_away_told (
    mailbox TEXT   NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    address TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (mailbox, address)
);

-- +goose Down
DROP TABLE mail_away_told;
DROP TABLE mail_away;
DROP TABLE mail_forwarded;
DROP TABLE mail_rule;
