-- +goose Up
-- Callers who wait for one of several agents.
CREATE TABLE queue (
    id          TEXT PRIMARY KEY,
    name        TEXT   NOT NULL UNIQUE,
    strategy    TEXT   NOT NULL,             -- as a hunt group's
    agents      TEXT   NOT NULL,             -- JSON list of ids of users
    seconds     BIGINT NOT NULL,             -- an agent is rung
    wrap_up     BIGINT NOT NULL,             -- seconds that an agent has after a call
    priority    BIGINT NOT NULL,             -- the callers of the highest come first, for agents of several
    max_waiting BIGINT NOT NULL,             -- callers, 0: no limit
    max_wait    BIGINT NOT NULL,             -- seconds
    leads       TEXT   NOT NULL              -- JSON: where a caller goes by what came of it
);
CREATE TABLE agent (
    user_id    TEXT PRIMARY KEY,
    logged_in  BOOLEAN NOT NULL,
    paused     BOOLEAN NOT NULL,
    since      BIGINT  NOT NULL,             -- of the last change of the two
    free_at    BIGINT  NOT NULL,             -- no call is offered sooner
    offered_at BIGINT  NOT NULL,             -- when the last one was
    missed     BIGINT  NOT NULL,             -- so many in a row were not taken
    talks      TEXT    NOT NULL,             -- the call out of a queue that the agent is in, ''
    wrap_up    BIGINT  NOT NULL,             -- seconds after it
    node       TEXT    NOT NULL,             -- that runs it …
    epoch      BIGINT  NOT NULL              -- … in this life
);
CREATE TABLE queue_caller (
    call     TEXT PRIMARY KEY,
    queue    TEXT   NOT NULL,
    number   TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    since    BIGINT NOT NULL,
    node     TEXT   NOT NULL,
    epoch    BIGINT NOT NULL
);
CREATE INDEX queue_caller_order ON queue_caller (queue, since, call);
CREATE TABLE queue_offer (
    agent      TEXT PRIMARY KEY,             -- is rung for one caller at a time
    call       TEXT   NOT NULL,
    turn       BIGINT NOT NULL,             -- of the gate: the same offer may be told twice
    offered_at BIGINT NOT NULL
);
CREATE INDEX queue_offer_call ON queue_offer (call);
-- Who changes the order of all queues holds the one row of this.
CREATE TABLE queue_gate (turn BIGINT NOT NULL);
INSERT INTO queue_gate (turn) VALUES (0);

-- +goose Down
DROP TABLE queue_gate;
DROP TABLE queue_offer;
DROP TABLE queue_caller;
DROP TABLE agent;
DROP TABLE queue;
