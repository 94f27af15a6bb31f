-- +goose Up
CREATE TABLE mail_filter (                   -- what the junk filter learned
    name     TEXT PRIMARY KEY,
    junk     BIGINT NOT NULL,                -- lessons of each kind
    clean    BIGINT NOT NULL,
    weights  TEXT   NOT NULL,
    saved_at BIGINT NOT NULL
);

CREATE TABLE mail_out (                      -- messages on their way out
    id         TEXT PRIMARY KEY,
    sender     TEXT   NOT NULL,              -- envelope; '' is the null path: never bounced
    user_id    TEXT   NOT NULL,              -- who submitted it, '' for our own notices
    message_id TEXT   NOT NULL,              -- without angle brackets
    subject    TEXT   NOT NULL,
    blob       TEXT   NOT NULL,              -- as sent: signed, without Bcc
    size       BIGINT NOT NULL,
    eightbit   BOOLEAN NOT NULL,             -- needs 8BITMIME
    utf8       BOOLEAN NOT NULL,             -- needs SMTPUTF8
    created_at BIGINT NOT NULL
);

CREATE TABLE mail_out_rcpt (                 -- one row per recipient, kept until the message is settled
    id         TEXT PRIMARY KEY,
    out_id     TEXT   NOT NULL REFERENCES mail_out (id) ON DELETE CASCADE,
    address    TEXT   NOT NULL,
    domain     TEXT   NOT NULL,              -- lower-case, A-labels
    state      TEXT   NOT NULL,              -- waiting, sent, failed, dropped
    attempts   BIGINT NOT NULL,
    next_at    BIGINT NOT NULL,
    busy_until BIGINT NOT NULL,              -- a worker is at it; later its claim is void
    warned     BOOLEAN NOT NULL,             -- the notice of delay went out
    code       BIGINT NOT NULL,              -- last SMTP answer, 0 when there was none
    answer     TEXT   NOT NULL,
    remote     TEXT   NOT NULL,              -- host that gave it
    done_at    BIGINT NOT NULL
);
CREATE INDEX mail_out_rcpt_out ON mail_out_rcpt (out_id, domain);
CREATE INDEX mail_out_rcpt_state ON mail_out_rcpt (state, id);

-- +goose Down
DROP TABLE mail_out_rcpt;
DROP TABLE mail_out;
DROP TABLE mail_filter;
