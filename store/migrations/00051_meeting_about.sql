-- +goose Up
-- What a meeting is about: records of the CRM, which telephony only points to.
CREATE TABLE meeting_about (
    meeting  TEXT   NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
    kind     TEXT   NOT NULL,
    ref      TEXT   NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (meeting, kind, ref)
);

-- +goose Down
DROP TABLE meeting_about;
