-- +goose Up
-- Calls outside, as far as they cost: whose they are, and what is refused.
CREATE TABLE toll_call (
    id          TEXT PRIMARY KEY,
    call        TEXT    NOT NULL,            -- id of its record
    payer       TEXT    NOT NULL,            -- id of a user, or of a connected PBX's trunk
    trunk       TEXT    NOT NULL,            -- it goes out over
    number      TEXT    NOT NULL,            -- E.164
    abroad      BOOLEAN NOT NULL,
    price       BIGINT  NOT NULL,            -- of a minute, in 1/10000
    begun_at    BIGINT  NOT NULL,
    answered_at BIGINT  NOT NULL,            -- 0: not
    ended_at    BIGINT  NOT NULL,            -- 0: runs, if its record does
    refused     TEXT    NOT NULL             -- why, or ''
);
CREATE INDEX toll_call_payer ON toll_call (payer, begun_at);
CREATE INDEX toll_call_trunk ON toll_call (trunk, begun_at);
CREATE INDEX toll_call_begun ON toll_call (begun_at);
-- Who counts the calls of one of these holds its row.
CREATE TABLE toll_payer (
    id         TEXT PRIMARY KEY,
    turn       BIGINT NOT NULL,
    stopped_at BIGINT NOT NULL,              -- 0: may call
    why        TEXT   NOT NULL
);

-- +goose Down
DROP TABLE toll_payer;
DROP TABLE toll_call;
