-- +goose Up
-- What people prove besides their password that they are who they say (TOTP, RFC 6238).
CREATE TABLE second_factor (
    user_id    TEXT PRIMARY KEY REFERENCES app_user (id) ON DELETE CASCADE,
    secret     TEXT    NOT NULL,             -- sealed
    confirmed  BOOLEAN NOT NULL,             -- a first code was right: it is asked for from then on
    last_step  BIGINT  NOT NULL,             -- of the last code that was taken: none is taken twice
    created_at BIGINT  NOT NULL
);
-- Codes for who lost his phone, each for once.
CREATE TABLE recovery_code (
    user_id TEXT NOT NULL,
    hash    TEXT NOT NULL,                   -- SHA-256, hex
    PRIMARY KEY (user_id, hash)
);

-- +goose Down
DROP TABLE recovery_code;
DROP TABLE second_factor;
