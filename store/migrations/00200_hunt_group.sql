-- +goose Up
-- Who is rung for the numbers that lead there, and in which order.
CREATE TABLE hunt_group (
    id        TEXT PRIMARY KEY,
    name      TEXT   NOT NULL UNIQUE,
    strategy  TEXT   NOT NULL,               -- together, in_order, round_robin, longest_idle, random
    members   TEXT   NOT NULL,               -- JSON list of ids of users
    seconds   BIGINT NOT NULL,               -- each step rings
    otherwise TEXT   NOT NULL,               -- JSON: where a call goes that nobody takes; '': it ends
    turn      BIGINT NOT NULL DEFAULT 0      -- calls so far that went round
);

-- +goose Down
DROP TABLE hunt_group;
