-- +goose Up
-- Who is invited to a meeting besides its owner: they see it and come in. Who took part in one before is invited to it. The rows outlive the room: its title
-- stands in the history for those who were.
CREATE TABLE meeting_user (
    user_id TEXT NOT NULL,
    meeting TEXT NOT NULL,
    PRIMARY KEY (user_id, meeting)
);
CREATE INDEX meeting_user_of ON meeting_user (meeting);
INSERT INTO meeting_user (user_id, meeting)
    SELECT DISTINCT u.user_id, r.meeting FROM call_record r JOIN call_user u ON u.call = r.id
        WHERE r.meeting <> '' AND u.role = 'took' AND u.user_id <> '';

CREATE INDEX meeting_owner ON meeting (owner, id);
CREATE INDEX meeting_about_ref ON meeting_about (ref, meeting);
-- Grows with each change, so that of two who edit at once the second is told.
ALTER TABLE meeting ADD COLUMN version BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE meeting DROP COLUMN version;
DROP INDEX meeting_about_ref;
DROP INDEX meeting_owner;
DROP TABLE meeting_user;
