-- +goose Up
-- Drafts that go out later: in seconds, so that one may take them back, or when their writer said.
CREATE TABLE mail_scheduled (
    draft      TEXT PRIMARY KEY,            -- message; a save makes a new row of it
    mailbox    TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,            -- who sends it
    version    TEXT    NOT NULL,            -- of the draft
    send_at    BIGINT  NOT NULL,
    undo       BOOLEAN NOT NULL,            -- it was sent: only the time to take it back runs
    remind_at  BIGINT  NOT NULL,            -- when its writer wants to know that nobody answered; 0: never
    problem    TEXT    NOT NULL,            -- why it could not be sent; ''
    created_at BIGINT  NOT NULL
);
CREATE INDEX mail_scheduled_mailbox ON mail_scheduled (mailbox);

-- Conversations that come back to the inbox.
CREATE TABLE mail_snoozed (
    mailbox TEXT   NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    thread  TEXT   NOT NULL,
    until   BIGINT NOT NULL,
    PRIMARY KEY (mailbox, thread)
);

-- Mails of ours whose writer wants to know that nobody answered.
CREATE TABLE mail_reminder (
    message TEXT PRIMARY KEY,               -- its copy in Sent
    user_id TEXT   NOT NULL,
    due_at  BIGINT NOT NULL
);

-- +goose Down
DROP TABLE mail_reminder;
DROP TABLE mail_snoozed;
DROP TABLE mail_scheduled;
