-- +goose Up
-- What machines say to callers, and what callers say to machines.
CREATE TABLE prompt (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    source     TEXT NOT NULL,            -- upload, record, text
    text       TEXT NOT NULL,            -- that it was made of
    language   TEXT NOT NULL,            -- in which it was spoken; '' of one that is not made of text
    length     BIGINT NOT NULL,          -- milliseconds
    blob       TEXT NOT NULL,            -- WAV
    created_at BIGINT NOT NULL
);
CREATE INDEX prompt_blob ON prompt (blob);

CREATE TABLE voice_menu (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    prompt    TEXT NOT NULL,
    language  TEXT NOT NULL,             -- of what else it says
    keys      TEXT NOT NULL,             -- JSON list; empty: it only announces
    wait      BIGINT NOT NULL,           -- seconds for a key, after the prompt
    repeats   BIGINT NOT NULL,           -- how often it asks again
    direct    BOOLEAN NOT NULL,          -- extensions may be dialled, too
    otherwise TEXT NOT NULL              -- JSON: where it leads without a key
);

CREATE TABLE voicemail_box (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    users    TEXT NOT NULL,              -- JSON list: whose it is
    greeting TEXT NOT NULL,              -- prompt; '' for the one that ships with the program
    language TEXT NOT NULL,
    seconds  BIGINT NOT NULL             -- longest message
);

CREATE TABLE voicemail (
    id          TEXT PRIMARY KEY,
    box         TEXT NOT NULL,
    call        TEXT NOT NULL,
    from_number TEXT NOT NULL,
    from_name   TEXT NOT NULL,
    at          BIGINT NOT NULL,
    length      BIGINT NOT NULL,         -- milliseconds
    blob        TEXT NOT NULL,           -- WAV
    heard_at    BIGINT NOT NULL,         -- 0: not yet
    heard_by    TEXT NOT NULL
);
CREATE INDEX voicemail_box_at ON voicemail (box, at);
CREATE INDEX voicemail_call ON voicemail (call);
CREATE INDEX voicemail_blob ON voicemail (blob);

-- +goose Down
DROP TABLE voicemail;
DROP TABLE voicemail_box;
DROP TABLE voice_menu;
DROP TABLE prompt;
