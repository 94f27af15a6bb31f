-- +goose Up
-- People and rights.
CREATE TABLE department (
    id     TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    parent TEXT NOT NULL                     -- '' at the top
);

CREATE TABLE app_user (
    id         TEXT PRIMARY KEY,
    login      TEXT    NOT NULL UNIQUE,      -- lower-case
    name       TEXT    NOT NULL,
    email      TEXT    NOT NULL,             -- lower-case, '' when none
    role       TEXT    NOT NULL,             -- admin, user
    department TEXT    NOT NULL,
    locale     TEXT    NOT NULL,
    access     TEXT    NOT NULL,             -- own, department, all
    active     BOOLEAN NOT NULL,
    password   TEXT    NOT NULL,             -- argon2id, PHC string
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL
);
CREATE UNIQUE INDEX app_user_email ON app_user (email) WHERE email <> '';
CREATE INDEX app_user_department ON app_user (department);

CREATE TABLE api_token (
    id         TEXT PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    name       TEXT   NOT NULL,
    hash       TEXT   NOT NULL UNIQUE,       -- SHA-256 of the secret, hex
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX api_token_user ON api_token (user_id);

-- Records. All four have id, name, responsible, department (whose it is while nobody is responsible), folded (the name
-- as it sorts; bytes, because the engines collate text differently), created_at and updated_at.
CREATE TABLE company (
    id          TEXT PRIMARY KEY,
    name        TEXT   NOT NULL,
    folded      BYTEA  NOT NULL,
    website     TEXT   NOT NULL,
    comment     TEXT   NOT NULL,
    responsible TEXT   NOT NULL,
    department  TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX company_name ON company (folded, id);
CREATE INDEX company_responsible ON company (responsible, id);

CREATE TABLE contact (
    id          TEXT PRIMARY KEY,
    name        TEXT   NOT NULL,
    folded      BYTEA  NOT NULL,
    position    TEXT   NOT NULL,
    company     TEXT   NOT NULL,
    comment     TEXT   NOT NULL,
    responsible TEXT   NOT NULL,
    department  TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX contact_name ON contact (folded, id);
CREATE INDEX contact_responsible ON contact (responsible, id);
CREATE INDEX contact_company ON contact (company, id);

CREATE TABLE lead (
    id           TEXT PRIMARY KEY,
    name         TEXT   NOT NULL,            -- title
    folded       BYTEA  NOT NULL,
    person       TEXT   NOT NULL,
    company_name TEXT   NOT NULL,
    source       TEXT   NOT NULL,
    line         TEXT   NOT NULL,
    stage        TEXT   NOT NULL,            -- new, in_progress, converted, junk
    rule         TEXT   NOT NULL,
    contact      TEXT   NOT NULL,
    deal         TEXT   NOT NULL,
    comment      TEXT   NOT NULL,
    responsible  TEXT   NOT NULL,
    department   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
CREATE INDEX lead_name ON lead (folded, id);
CREATE INDEX lead_responsible ON lead (responsible, id);
CREATE INDEX lead_stage ON lead (stage, id);

CREATE TABLE pipeline (
    id       TEXT PRIMARY KEY,
    name     TEXT   NOT NULL,
    position BIGINT NOT NULL
);

CREATE TABLE stage (
    id       TEXT PRIMARY KEY,
    pipeline TEXT   NOT NULL REFERENCES pipeline (id) ON DELETE CASCADE,
    name     TEXT   NOT NULL,
    kind     TEXT   NOT NULL,                -- open, won, lost
    position BIGINT NOT NULL
);
CREATE INDEX stage_pipeline ON stage (pipeline, position);

CREATE TABLE deal (
    id          TEXT PRIMARY KEY,
    name        TEXT   NOT NULL,             -- title
    folded      BYTEA  NOT NULL,
    contact     TEXT   NOT NULL,
    company     TEXT   NOT NULL,
    pipeline    TEXT   NOT NULL,
    stage       TEXT   NOT NULL REFERENCES stage (id),
    amount      BIGINT NOT NULL,             -- cents
    currency    TEXT   NOT NULL,
    comment     TEXT   NOT NULL,
    responsible TEXT   NOT NULL,
    department  TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    moved_at    BIGINT NOT NULL
);
CREATE INDEX deal_name ON deal (folded, id);
CREATE INDEX deal_responsible ON deal (responsible, id);
CREATE INDEX deal_stage ON deal (stage, id);
CREATE INDEX deal_contact ON deal (contact);
CREATE INDEX deal_company ON deal (company);

-- Numbers and mailboxes of records. Not unique: several people share a number.
CREATE TABLE contact_point (
    entity_kind TEXT    NOT NULL,
    entity_id   TEXT    NOT NULL,
    position    BIGINT  NOT NULL,
    kind        TEXT    NOT NULL,            -- phone, email
    value       TEXT    NOT NULL,            -- E.164 or lower-case mailbox; '' for a number that can't be normalised
    ext         TEXT    NOT NULL,
    raw         TEXT    NOT NULL,
    label       TEXT    NOT NULL,
    is_primary  BOOLEAN NOT NULL,
    reversed    BYTEA   NOT NULL,            -- phone: its digits from the end, to match what ends alike
    PRIMARY KEY (entity_kind, entity_id, position)
);
-- Not partial: SQLite plans a statement again at each run when a bound value decides about a partial index.
CREATE INDEX contact_point_value ON contact_point (value, kind);
CREATE INDEX contact_point_reversed ON contact_point (reversed);

-- An address can have only one lead made by itself, however many calls arrive at once.
CREATE TABLE lead_address (
    address TEXT PRIMARY KEY,
    lead    TEXT NOT NULL
);
CREATE INDEX lead_address_lead ON lead_address (lead);

-- Beginnings of words: what lists are searched by. Bytes, so that ranges mean the same on both engines.
CREATE TABLE search_word (
    entity_kind TEXT  NOT NULL,
    word        BYTEA NOT NULL,
    entity_id   TEXT  NOT NULL,
    PRIMARY KEY (entity_kind, word, entity_id)
);
CREATE INDEX search_word_entity ON search_word (entity_id, entity_kind);

-- The timeline.
CREATE TABLE activity (
    id       TEXT PRIMARY KEY,
    kind     TEXT    NOT NULL,               -- call, mail, meeting, note, task, change
    channel  TEXT    NOT NULL,               -- with dedupe: where it comes from
    dedupe   TEXT,                           -- key of the touch, at most one activity each; open follow-ups: the address
    phase    TEXT    NOT NULL,               -- began, answered, ended
    incoming BOOLEAN NOT NULL,
    at       BIGINT  NOT NULL,
    seconds  BIGINT  NOT NULL,
    outcome  TEXT    NOT NULL,
    title    TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    line     TEXT    NOT NULL,
    user_id  TEXT    NOT NULL,
    due_at   BIGINT  NOT NULL,               -- 0: none
    verified BOOLEAN NOT NULL,
    waiting  BOOLEAN NOT NULL,               -- an incoming mail nobody answered yet, an open task
    several  BOOLEAN NOT NULL,
    source   TEXT    NOT NULL,
    message_id TEXT  NOT NULL DEFAULT ''     -- of a mail; its sender chose it, so several may have it
);
CREATE INDEX activity_message ON activity (message_id) WHERE message_id <> '';
CREATE UNIQUE INDEX activity_dedupe ON activity (channel, dedupe); -- NULLs never collide
CREATE INDEX activity_waiting ON activity (user_id, kind, at) WHERE waiting;
CREATE INDEX activity_waiting_address ON activity (address) WHERE waiting;

CREATE TABLE activity_entity (
    entity_kind TEXT   NOT NULL,
    entity_id   TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    activity    TEXT   NOT NULL REFERENCES activity (id) ON DELETE CASCADE,
    PRIMARY KEY (entity_kind, entity_id, at, activity)
);
CREATE INDEX activity_entity_activity ON activity_entity (activity);

-- Routing of unknown callers and senders.
CREATE TABLE rule (
    id        TEXT PRIMARY KEY,
    name      TEXT    NOT NULL,
    position  BIGINT  NOT NULL,
    active    BOOLEAN NOT NULL,
    condition TEXT    NOT NULL,              -- JSON
    action    TEXT    NOT NULL               -- JSON
);
INSERT INTO rule (id, name, position, active, condition, action)
VALUES ('default', 'Everything else', 1000000, TRUE, '{}', '{"create":true,"assign":"admin"}');

CREATE TABLE rotation (
    department TEXT PRIMARY KEY,
    last_user  TEXT NOT NULL                 -- who got the latest lead
);

-- +goose Down
DROP TABLE rotation;
DROP TABLE rule;
DROP TABLE activity_entity;
DROP TABLE activity;
DROP TABLE search_word;
DROP TABLE lead_address;
DROP TABLE contact_point;
DROP TABLE deal;
DROP TABLE stage;
DROP TABLE pipeline;
DROP TABLE lead;
DROP TABLE contact;
DROP TABLE company;
DROP TABLE api_token;
DROP TABLE app_user;
DROP TABLE department;
