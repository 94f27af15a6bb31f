-- +goose Up
CREATE TABLE certificate (                   -- of this company's names, ordered by ACME (RFC 8555)
    name     TEXT PRIMARY KEY,
    chain    TEXT   NOT NULL,                -- PEM, ours first; '' while there is none
    secret   TEXT   NOT NULL,                -- its private key: PKCS #8 (DER), sealed (guard.Seal)
    begins   BIGINT NOT NULL,
    ends     BIGINT NOT NULL,
    trouble  TEXT   NOT NULL,                -- what kept it from being ordered the last time; '': nothing
    detail   TEXT   NOT NULL,                -- the same as the authority said it
    failures BIGINT NOT NULL,                -- one after another
    tried_at BIGINT NOT NULL,
    next_at  BIGINT NOT NULL                 -- not ordered before
);
CREATE TABLE certificate_account (           -- who we are to an authority
    directory TEXT PRIMARY KEY,
    secret    TEXT NOT NULL                  -- sealed, as above
);
CREATE TABLE certificate_challenge (         -- what an authority looks for here, on whichever node it asks
    name   TEXT   NOT NULL,
    kind   TEXT   NOT NULL,                  -- http-01, tls-alpn-01
    token  TEXT   NOT NULL,
    answer TEXT   NOT NULL,                  -- the key authorization (RFC 8555 section 8.1)
    at     BIGINT NOT NULL,
    PRIMARY KEY (name, kind, token)
);

-- +goose Down
DROP TABLE certificate_challenge;
DROP TABLE certificate_account;
DROP TABLE certificate;
