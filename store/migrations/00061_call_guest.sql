-- +goose Up
-- Who came into a meeting by phone and is none of ours.
CREATE TABLE call_guest (
    call     TEXT   NOT NULL REFERENCES call_record (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,                -- order in time
    number   TEXT   NOT NULL,                -- E.164 or raw; '' when withheld
    name     TEXT   NOT NULL,                -- as the wire gave it
    PRIMARY KEY (call, position)
);

-- +goose Down
DROP TABLE call_guest;
