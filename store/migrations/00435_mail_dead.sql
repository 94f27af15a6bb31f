-- +goose Up
CREATE TABLE mail_dead (                     -- addresses that don't exist, as the other side said: nothing is sent there
    address TEXT PRIMARY KEY,                -- lower case
    status  TEXT   NOT NULL,                 -- RFC 3463
    answer  TEXT   NOT NULL,
    at      BIGINT NOT NULL
);

-- +goose Down
DROP TABLE mail_dead;
