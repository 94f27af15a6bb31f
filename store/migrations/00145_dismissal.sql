-- +goose Up
-- A phone whose user may not log in: it neither registers nor rings.
ALTER TABLE device ADD COLUMN switched_off BOOLEAN NOT NULL DEFAULT FALSE;

-- What somebody who was dismissed held, and who has it since, so that he can be given back what is there still.
CREATE TABLE handed_over (
    user_id TEXT   NOT NULL,                 -- who was dismissed
    kind    TEXT   NOT NULL,                 -- contact, company, lead, deal, activity
    ref     TEXT   NOT NULL,                 -- id of it
    heir    TEXT   NOT NULL,                 -- who has it since
    PRIMARY KEY (user_id, kind, ref)
);

-- +goose Down
DROP TABLE handed_over;
ALTER TABLE device DROP COLUMN switched_off;
