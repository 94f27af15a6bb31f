-- +goose Up
-- Who takes the events as the company, under a name, and up to which of them it has.
CREATE TABLE event_cursor (
    name TEXT PRIMARY KEY,
    seq  BIGINT NOT NULL
);

-- Addresses of other programs that events are sent to.
CREATE TABLE webhook (
    id            TEXT PRIMARY KEY,
    name          TEXT    NOT NULL,
    url           TEXT    NOT NULL,
    types         TEXT    NOT NULL,           -- JSON list of event types; []: all
    secret        TEXT    NOT NULL,           -- whsec_…, what signs
    active        BOOLEAN NOT NULL,
    stopped       TEXT    NOT NULL,           -- why it is not active: '', by a person; silent or gone, by itself
    failing_since BIGINT  NOT NULL,           -- 0: what was sent last arrived
    created_at    BIGINT  NOT NULL
);

-- What is to be sent to them, or was, for as long as the settings keep events.
CREATE TABLE webhook_delivery (
    id            TEXT PRIMARY KEY,
    webhook       TEXT   NOT NULL,
    seq           BIGINT NOT NULL,            -- of the event; 0: a test
    type          TEXT   NOT NULL,
    body          TEXT   NOT NULL,            -- JSON, as it is sent
    state         TEXT   NOT NULL,            -- waiting, delivered, failed
    attempts      BIGINT NOT NULL,
    status        BIGINT NOT NULL,            -- of the last answer; 0: there was none
    trouble       TEXT   NOT NULL,            -- what went wrong, as a word
    answer        TEXT   NOT NULL,            -- the beginning of what was answered, or the error
    took          BIGINT NOT NULL,            -- milliseconds
    next_at       BIGINT NOT NULL,            -- when it is tried
    since         BIGINT NOT NULL,            -- from when on it is tried
    claim         TEXT   NOT NULL,            -- who tries now, until
    claimed_until BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    tried_at      BIGINT NOT NULL             -- last; 0: never
);
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook, id);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_created ON webhook_delivery (created_at);

-- +goose Down
DROP TABLE webhook_delivery;
DROP TABLE webhook;
DROP TABLE event_cursor;
