-- +goose Up
-- The labels of a mailbox are the keywords of its messages; few have any.
CREATE INDEX mail_message_labels ON mail_message (mailbox, keywords) WHERE keywords <> '';

-- +goose Down
DROP INDEX mail_message_labels;
