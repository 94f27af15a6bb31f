-- +goose Up
-- Where a PBX that registers here is reached now, as binding tells of phones.
CREATE TABLE trunk_binding (
    trunk      TEXT   NOT NULL REFERENCES trunk (id) ON DELETE CASCADE,
    contact    TEXT   NOT NULL,
    received   TEXT   NOT NULL,
    path       TEXT   NOT NULL,              -- JSON list
    call_id    TEXT   NOT NULL,
    cseq       BIGINT NOT NULL,
    node       TEXT   NOT NULL,
    agent      TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    since_at   BIGINT NOT NULL,              -- registered without a gap since then
    PRIMARY KEY (trunk, contact)
);
CREATE INDEX trunk_binding_expires ON trunk_binding (expires_at);
CREATE INDEX trunk_binding_received ON trunk_binding (received);
ALTER TABLE binding ADD COLUMN since_at BIGINT NOT NULL DEFAULT 0;

-- The password that the other side logs in with, for SHA-256 too.
ALTER TABLE trunk ADD COLUMN in_ha1_sha TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE trunk DROP COLUMN in_ha1_sha;
ALTER TABLE binding DROP COLUMN since_at;
DROP TABLE trunk_binding;
