-- +goose Up
-- What happened in a call, step by step: call_record is the summary.
CREATE TABLE call_step (
    call        TEXT   NOT NULL REFERENCES call_record (id) ON DELETE CASCADE,
    position    BIGINT NOT NULL,
    kind        TEXT   NOT NULL,             -- ring, dial
    users       TEXT   NOT NULL,             -- JSON list of the ids of whom it rang
    trunk       TEXT   NOT NULL,
    number      TEXT   NOT NULL,             -- as it was dialled through the trunk
    begun_at    BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL,             -- 0: goes on
    outcome     TEXT   NOT NULL,             -- answered, or the cause why not
    answered_by TEXT   NOT NULL,             -- id of the user, '' for somebody outside
    PRIMARY KEY (call, position)
);

-- +goose Down
DROP TABLE call_step;
