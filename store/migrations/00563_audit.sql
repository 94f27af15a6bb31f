-- +goose Up
-- Who did what that matters for security.
CREATE TABLE audit (
    id      TEXT PRIMARY KEY,
    at      BIGINT  NOT NULL,
    kind    TEXT    NOT NULL,                -- login, account, people, settings, data, recording
    act     TEXT    NOT NULL,                -- id of the operation
    about   TEXT    NOT NULL,                -- its path; of a log-in, the name that was given
    user_id TEXT    NOT NULL,                -- '' where nobody was logged in
    token   BOOLEAN NOT NULL,                -- by an API token
    status  BIGINT  NOT NULL,                -- what was answered (HTTP); 0 until then
    ip      TEXT    NOT NULL,
    agent   TEXT    NOT NULL
);
CREATE INDEX audit_at ON audit (at, id);

-- +goose Down
DROP TABLE audit;
