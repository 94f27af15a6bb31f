-- +goose Up
CREATE TABLE mail_greylist (                 -- who was asked to come again, and who did
    source    TEXT    NOT NULL,              -- network, or the domain that SPF proves
    sender    TEXT    NOT NULL,              -- of the envelope, lower case; '': a notice
    recipient TEXT    NOT NULL,              -- lower case
    first_at  BIGINT  NOT NULL,
    last_at   BIGINT  NOT NULL,
    passed    BOOLEAN NOT NULL,
    PRIMARY KEY (source, sender, recipient)
);
CREATE INDEX mail_greylist_last ON mail_greylist (last_at);

-- +goose Down
DROP TABLE mail_greylist;
