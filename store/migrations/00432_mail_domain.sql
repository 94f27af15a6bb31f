-- +goose Up
ALTER TABLE mail_domain ADD COLUMN sts_mode TEXT NOT NULL DEFAULT 'none'; -- MTA-STS policy: none, testing or enforce

-- Keys of DKIM signatures. What mail_domain.dkim_key has is taken over as the program starts, and emptied a week later.
CREATE TABLE mail_dkim (
    id         TEXT PRIMARY KEY,
    domain     TEXT   NOT NULL REFERENCES mail_domain (name) ON DELETE CASCADE,
    selector   TEXT   NOT NULL,
    algorithm  TEXT   NOT NULL,              -- rsa or ed25519
    secret     TEXT   NOT NULL,              -- PKCS #8 (DER), sealed (guard.Seal); '' once it signs no more
    record     TEXT   NOT NULL,              -- the TXT record to publish
    state      TEXT   NOT NULL,              -- next: to be published; signs; old: still looked up by receivers
    since      BIGINT NOT NULL,              -- it is in that state
    UNIQUE (domain, selector)
);

CREATE TABLE mail_reach (                    -- when a server of the world last brought mail to a node
    node TEXT PRIMARY KEY,
    at   BIGINT NOT NULL,
    peer TEXT   NOT NULL                     -- IP address
);

-- +goose Down
DROP TABLE mail_reach;
DROP TABLE mail_dkim;
ALTER TABLE mail_domain DROP COLUMN sts_mode;
