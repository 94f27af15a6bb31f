-- +goose Up
CREATE TABLE mail_tally (                    -- what other domains are told of a day: DMARC (RFC 7489), TLS (RFC 8460)
    day    TEXT   NOT NULL,                  -- UTC, 2006-01-02
    kind   TEXT   NOT NULL,                  -- dmarc, tls
    domain TEXT   NOT NULL,                  -- who is told
    id     TEXT   NOT NULL,                  -- hash of detail
    detail TEXT   NOT NULL,                  -- JSON
    passed BIGINT NOT NULL,                  -- mails, or connections
    failed BIGINT NOT NULL,
    PRIMARY KEY (day, kind, domain, id)
);

-- +goose Down
DROP TABLE mail_tally;
