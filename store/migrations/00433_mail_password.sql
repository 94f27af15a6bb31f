-- +goose Up
CREATE TABLE mail_password (                 -- passwords of mail programs
    id         TEXT PRIMARY KEY,
    user_id    TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    digest     TEXT    NOT NULL UNIQUE,      -- SHA-256, hexadecimal: the passwords are random, 100 bits
    reads      BOOLEAN NOT NULL,             -- IMAP
    sends      BOOLEAN NOT NULL,             -- SMTP
    created_at BIGINT  NOT NULL,
    used_at    BIGINT  NOT NULL              -- 0: never
);
CREATE INDEX mail_password_user ON mail_password (user_id);

CREATE TABLE mail_password_only (            -- whose own passwords open no mail program
    user_id TEXT PRIMARY KEY                 -- '': nobody's do
);

-- +goose Down
DROP TABLE mail_password_only;
DROP TABLE mail_password;
