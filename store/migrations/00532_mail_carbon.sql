-- +goose Up
CREATE TABLE mail_carbon (                   -- where users send copies of mail that they write elsewhere, to have it filed
    user_id TEXT PRIMARY KEY,
    token   TEXT   NOT NULL UNIQUE,          -- of the address, crm+TOKEN
    at      BIGINT NOT NULL
);

CREATE TABLE mail_exclusion (                -- whose mail the CRM never hears of
    id      TEXT PRIMARY KEY,
    mailbox TEXT   NOT NULL,                 -- id; '': all of the company's
    pattern TEXT   NOT NULL,                 -- lower case: an address, "@domain", or "*" for all of the mailbox
    by_user TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    UNIQUE (mailbox, pattern)
);
CREATE INDEX mail_exclusion_pattern ON mail_exclusion (pattern);

-- +goose Down
DROP TABLE mail_exclusion;
DROP TABLE mail_carbon;
