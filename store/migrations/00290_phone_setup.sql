-- +goose Up
-- How desk phones are set up from here: they fetch their settings by a link.
CREATE TABLE phone_setup (
    device        TEXT PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    make          TEXT   NOT NULL,
    mac           TEXT   NOT NULL,           -- '' for a softphone
    keys          TEXT   NOT NULL,           -- JSON list
    once          TEXT   NOT NULL,           -- hash of the token that tells the password once; '' none
    once_until    BIGINT NOT NULL,
    token         TEXT   NOT NULL,           -- hash of the one that the phone keeps; '' none
    fetched_at    BIGINT NOT NULL,
    fetched_from  TEXT   NOT NULL,
    fetched_agent TEXT   NOT NULL
);
CREATE UNIQUE INDEX phone_setup_mac ON phone_setup (mac) WHERE mac <> '';
CREATE INDEX phone_setup_once ON phone_setup (once);
CREATE INDEX phone_setup_token ON phone_setup (token);

-- +goose Down
DROP TABLE phone_setup;
