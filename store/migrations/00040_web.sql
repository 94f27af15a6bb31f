-- +goose Up
CREATE TABLE session (
    id         TEXT PRIMARY KEY,             -- SHA-256 of the cookie
    user_id    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ip         TEXT   NOT NULL,
    agent      TEXT   NOT NULL
);
CREATE INDEX session_by_user ON session (user_id);

-- Browsers that hold a live socket, on all nodes. A row that its node no longer renews is dead.
CREATE TABLE socket (
    id      TEXT PRIMARY KEY,
    user_id TEXT   NOT NULL,
    node    TEXT   NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX socket_node ON socket (node);

-- What integrations are told. The counter's row lock makes events visible in the order of their numbers.
CREATE TABLE event (
    seq      BIGINT PRIMARY KEY,
    type     TEXT   NOT NULL,
    key      TEXT   NOT NULL,                -- the call, message or meeting it is about
    data     TEXT   NOT NULL,                -- JSON
    audience TEXT   NOT NULL,                -- JSON list of user ids; admins see all
    at       BIGINT NOT NULL
);
CREATE INDEX event_at ON event (at);

CREATE TABLE event_counter (
    id  BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL
);
INSERT INTO event_counter (id, seq) VALUES (1, 0);

-- +goose Down
DROP TABLE event_counter;
DROP TABLE event;
DROP TABLE socket;
DROP TABLE session;
