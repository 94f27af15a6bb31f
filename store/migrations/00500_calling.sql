-- +goose Up
-- Numbers whose people asked not to be called, whoever's card they are on.
CREATE TABLE do_not_call (
    number  TEXT PRIMARY KEY,                -- E.164
    at      BIGINT NOT NULL,
    user_id TEXT   NOT NULL,                 -- who says so
    why     TEXT   NOT NULL
);

-- Calling lists: clients who are called one after the other, by several people.
CREATE TABLE calling_list (
    id         TEXT PRIMARY KEY,
    name       TEXT    NOT NULL,
    owner      TEXT    NOT NULL,             -- user
    kind       TEXT    NOT NULL,             -- of its records
    tries      BIGINT  NOT NULL,             -- calls of one client that nobody answers
    minutes    BIGINT  NOT NULL,             -- between two
    paused     BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL
);
-- Who works a list: a user, or the people of a department and those below it.
CREATE TABLE calling_agent (
    list       TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    department TEXT NOT NULL,
    PRIMARY KEY (list, user_id, department)
);
CREATE TABLE calling_item (
    id         TEXT PRIMARY KEY,
    list       TEXT    NOT NULL,
    record     TEXT    NOT NULL,             -- of the list's kind
    position   BIGINT  NOT NULL,
    state      TEXT    NOT NULL,             -- open, done, never (asked not to be called), failed (nobody answered)
    due        BIGINT  NOT NULL,             -- not before
    promised   TEXT    NOT NULL,             -- user who is to call then
    tries      BIGINT  NOT NULL,
    reached    BOOLEAN NOT NULL,
    agent      TEXT    NOT NULL,             -- user who has it now
    lease      BIGINT  NOT NULL,             -- until then
    call       TEXT    NOT NULL,             -- of who has it
    answered   BOOLEAN NOT NULL,
    changed_at BIGINT  NOT NULL,
    UNIQUE (list, record)
);
CREATE UNIQUE INDEX calling_item_agent ON calling_item (agent) WHERE agent <> '';
CREATE INDEX calling_item_next ON calling_item (list, state, due, position);

-- +goose Down
DROP TABLE calling_item;
DROP TABLE calling_agent;
DROP TABLE calling_list;
DROP TABLE do_not_call;
