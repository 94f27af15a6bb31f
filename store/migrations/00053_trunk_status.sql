-- +goose Up
-- How a trunk does at the node that registers there, for the others to show.
CREATE TABLE trunk_status (
    trunk      TEXT PRIMARY KEY REFERENCES trunk (id) ON DELETE CASCADE,
    node       TEXT    NOT NULL,
    registered BOOLEAN NOT NULL,
    reachable  BOOLEAN NOT NULL,
    problem    TEXT    NOT NULL,
    since      BIGINT  NOT NULL
);

-- +goose Down
DROP TABLE trunk_status;
