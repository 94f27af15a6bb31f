-- +goose Up
CREATE TABLE mail_quarantine (               -- mail that was stopped, until somebody decides or its time is over
    id            TEXT PRIMARY KEY,
    at            BIGINT NOT NULL,
    kind          TEXT   NOT NULL,           -- virus, forged or spam
    reason        TEXT   NOT NULL,
    from_name     TEXT   NOT NULL,
    from_address  TEXT   NOT NULL,
    subject       TEXT   NOT NULL,
    search        TEXT   NOT NULL,           -- lower-case people and subject
    blob          TEXT   NOT NULL,
    size          BIGINT NOT NULL,
    verdict       TEXT   NOT NULL,           -- JSON
    recipients    TEXT   NOT NULL,           -- JSON [{Mailbox, Address}]
    envelope_from TEXT   NOT NULL,
    helo          TEXT   NOT NULL,
    remote_ip     TEXT   NOT NULL
);
CREATE INDEX mail_quarantine_blob ON mail_quarantine (blob);
CREATE INDEX mail_quarantine_at ON mail_quarantine (at);

-- +goose Down
DROP TABLE mail_quarantine;
