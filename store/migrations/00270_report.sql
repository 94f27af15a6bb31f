-- +goose Up
-- What came of a call, as one who spoke says: of the company's own lists at that time.
CREATE TABLE call_disposition (
    call      TEXT PRIMARY KEY REFERENCES call_record (id) ON DELETE CASCADE,
    result    TEXT   NOT NULL,               -- '': none
    next_step TEXT   NOT NULL,               -- '': none
    user_id   TEXT   NOT NULL,               -- who said so …
    said_at   BIGINT NOT NULL                -- … and when
);
-- Reports by hunt group and queue pass over all other steps.
CREATE INDEX call_step_group ON call_step (call, item) WHERE kind IN ('hunt_group', 'queue');

-- +goose Down
DROP INDEX call_step_group;
DROP TABLE call_disposition;
