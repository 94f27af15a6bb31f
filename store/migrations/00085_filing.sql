-- +goose Up
-- Mailboxes that file into the timelines of clients which all share. By address: what was filed stays so when the mailbox is gone.
CREATE TABLE mail_filing (
    address TEXT PRIMARY KEY                 -- lower case
);
INSERT INTO mail_filing (address)
SELECT m.address FROM mailbox m WHERE (SELECT COUNT(*) FROM mailbox_user u WHERE u.mailbox = m.id) > 1;

-- What admins outside the audience are told of an event, as JSON; '': the same.
ALTER TABLE event ADD COLUMN public TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE event DROP COLUMN public;
DROP TABLE mail_filing;
