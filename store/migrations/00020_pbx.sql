-- +goose Up
CREATE TABLE trunk (
    id          TEXT PRIMARY KEY,
    name        TEXT    NOT NULL,
    kind        TEXT    NOT NULL,            -- carrier, pbx
    host        TEXT    NOT NULL,
    transport   TEXT    NOT NULL,            -- udp, tcp
    register    BOOLEAN NOT NULL,
    username    TEXT    NOT NULL,
    password    TEXT    NOT NULL,
    allow       TEXT    NOT NULL,            -- JSON list
    in_username TEXT    NOT NULL,
    in_ha1      TEXT    NOT NULL,
    codecs      TEXT    NOT NULL,            -- JSON list
    caller_id   TEXT    NOT NULL,
    prefix      TEXT    NOT NULL,
    format      TEXT    NOT NULL,            -- plus, digits, national
    max_calls   BIGINT  NOT NULL,
    active      BOOLEAN NOT NULL
);

CREATE TABLE phone_number (
    e164        TEXT PRIMARY KEY,
    trunk       TEXT NOT NULL REFERENCES trunk (id),
    label       TEXT NOT NULL,
    destination TEXT NOT NULL                -- JSON
);

CREATE TABLE extension (
    number      TEXT PRIMARY KEY,
    destination TEXT NOT NULL                -- JSON
);

CREATE TABLE device (
    id       TEXT PRIMARY KEY,
    user_id  TEXT NOT NULL,
    username TEXT NOT NULL UNIQUE,
    ha1      TEXT NOT NULL,
    ha1_sha  TEXT NOT NULL,
    label    TEXT NOT NULL
);
CREATE INDEX device_user ON device (user_id);

CREATE TABLE binding (
    device     TEXT   NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    contact    TEXT   NOT NULL,
    received   TEXT   NOT NULL,
    path       TEXT   NOT NULL,              -- JSON list
    call_id    TEXT   NOT NULL,
    cseq       BIGINT NOT NULL,
    node       TEXT   NOT NULL,
    agent      TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (device, contact)
);
CREATE INDEX binding_expires ON binding (expires_at);

CREATE TABLE meeting (
    id         TEXT PRIMARY KEY,
    title      TEXT   NOT NULL,
    owner      TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE call_record (
    id          TEXT PRIMARY KEY,
    node        TEXT   NOT NULL,             -- who runs the call …
    epoch       BIGINT NOT NULL,             -- … and since when that process runs
    direction   TEXT   NOT NULL,             -- in, out, internal, meeting
    from_number TEXT   NOT NULL,
    from_name   TEXT   NOT NULL,
    to_number   TEXT   NOT NULL,
    meeting     TEXT   NOT NULL,             -- id, or empty
    line        TEXT   NOT NULL,
    trunk       TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    answered_at BIGINT NOT NULL,             -- 0: not answered
    ended_at    BIGINT NOT NULL,             -- 0: runs
    seen_at     BIGINT NOT NULL,             -- the call was alive then
    outcome     TEXT   NOT NULL,
    cause       TEXT   NOT NULL
);
CREATE INDEX call_record_open ON call_record (node, epoch) WHERE ended_at = 0;
CREATE INDEX call_record_from ON call_record (from_number, id);
CREATE INDEX call_record_to ON call_record (to_number, id);

CREATE TABLE call_user (
    call     TEXT   NOT NULL REFERENCES call_record (id) ON DELETE CASCADE,
    user_id  TEXT   NOT NULL,
    role     TEXT   NOT NULL,                -- took, rang
    position BIGINT NOT NULL,                -- order in time
    PRIMARY KEY (call, role, user_id)
);
CREATE INDEX call_user_calls ON call_user (user_id, call);

-- +goose Down
DROP TABLE call_user;
DROP TABLE call_record;
DROP TABLE meeting;
DROP TABLE binding;
DROP TABLE device;
DROP TABLE extension;
DROP TABLE phone_number;
DROP TABLE trunk;
