-- +goose Up
-- Whose calls a user may listen in on: '' nobody's, department, all. Administrators may listen in on all.
ALTER TABLE app_user ADD COLUMN supervises TEXT NOT NULL DEFAULT '';

-- Who listened in on a call, how, and when he left.
CREATE TABLE call_supervision (
    call    TEXT   NOT NULL,
    user_id TEXT   NOT NULL,
    how     TEXT   NOT NULL,             -- listen, whisper, barge, left
    at      BIGINT NOT NULL,
    PRIMARY KEY (call, user_id, at)
);
CREATE INDEX call_supervision_at ON call_supervision (at);

-- +goose Down
DROP TABLE call_supervision;
ALTER TABLE app_user DROP COLUMN supervises;
