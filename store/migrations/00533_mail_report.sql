-- +goose Up
CREATE TABLE mail_report (                   -- what other servers report of mail in our domains' names, or for them
    id        TEXT PRIMARY KEY,
    kind      TEXT   NOT NULL,               -- dmarc (RFC 7489), tls (RFC 8460)
    domain    TEXT   NOT NULL,               -- ours
    reporter  TEXT   NOT NULL,               -- domain that is proven to have sent it
    report_id TEXT   NOT NULL,               -- the reporter's
    begin_at  BIGINT NOT NULL,               -- of the time it tells of
    end_at    BIGINT NOT NULL,
    passed    BIGINT NOT NULL,               -- mails, or connections
    failed    BIGINT NOT NULL,
    lines     TEXT   NOT NULL,               -- JSON [{source, passed, failed, why}], those with the most
    at        BIGINT NOT NULL,
    UNIQUE (kind, domain, reporter, report_id)
);
CREATE INDEX mail_report_domain ON mail_report (domain, at);

-- +goose Down
DROP TABLE mail_report;
