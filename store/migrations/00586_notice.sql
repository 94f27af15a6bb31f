-- +goose Up
-- What somebody is told in the workplace, until he has read it.
CREATE TABLE notice (
    id      TEXT PRIMARY KEY,
    user_id TEXT   NOT NULL,
    what    TEXT   NOT NULL,                 -- rule, rule_stopped, approval, approval_given, approval_refused
    text    TEXT   NOT NULL,
    name    TEXT   NOT NULL,                 -- of the rule, or of who answered
    kind    TEXT   NOT NULL,                 -- of the record it is about, '' when there is none
    record  TEXT   NOT NULL,
    title   TEXT   NOT NULL,                 -- of the record, then
    at      BIGINT NOT NULL,
    read_at BIGINT NOT NULL
);
CREATE INDEX notice_user ON notice (user_id, id);
CREATE INDEX notice_record ON notice (record);
CREATE INDEX notice_unread ON notice (user_id) WHERE read_at = 0;

-- +goose Down
DROP TABLE notice;
