-- +goose Up
ALTER TABLE mail_out_rcpt ADD COLUMN held BOOLEAN NOT NULL DEFAULT FALSE; -- a person keeps it from being sent; next_at is far off then

CREATE TABLE mail_smarthost (                -- servers that send our mail on, the first that answers
    id       TEXT PRIMARY KEY,
    domain   TEXT   NOT NULL,                -- of the sender, '': any
    position BIGINT NOT NULL,
    address  TEXT   NOT NULL,                -- host:port
    login    TEXT   NOT NULL,                -- '': none
    secret   TEXT   NOT NULL,                -- password, sealed (guard.Seal)
    tls      TEXT   NOT NULL                 -- '', starttls or tls
);

CREATE TABLE mail_sent (                     -- how many recipients a user wrote to, minute by minute of the last day
    user_id TEXT   NOT NULL,
    minute  BIGINT NOT NULL,                 -- since 1970
    n       BIGINT NOT NULL,
    PRIMARY KEY (user_id, minute)
);

CREATE TABLE mail_sent_limit (
    user_id    TEXT PRIMARY KEY,             -- '': who has none of his own
    per_minute BIGINT NOT NULL,              -- recipients, 0: any number
    per_day    BIGINT NOT NULL
);

CREATE TABLE mail_sent_over (                -- who came to his limit
    user_id TEXT   NOT NULL,
    day     BIGINT NOT NULL,                 -- since 1970
    PRIMARY KEY (user_id, day)
);

-- +goose Down
DROP TABLE mail_sent_over;
DROP TABLE mail_sent_limit;
DROP TABLE mail_sent;
DROP TABLE mail_smarthost;
ALTER TABLE mail_out_rcpt DROP COLUMN held;
