-- +goose Up
-- How a trunk wants to be spoken to: its outbound proxy, how callers are shown to it, which of its headers tells who
-- calls, how keys are sent, how often it is asked whether it is there (seconds; 0: as usual; negative: never); and how
-- quickly it answered (microseconds).
ALTER TABLE trunk ADD COLUMN proxy TEXT NOT NULL DEFAULT '';
ALTER TABLE trunk ADD COLUMN shows TEXT NOT NULL DEFAULT 'pai';
ALTER TABLE trunk ADD COLUMN believes TEXT NOT NULL DEFAULT 'pai';
ALTER TABLE trunk ADD COLUMN dtmf TEXT NOT NULL DEFAULT 'rtp';
ALTER TABLE trunk ADD COLUMN ping BIGINT NOT NULL DEFAULT 0;
ALTER TABLE trunk_status ADD COLUMN took BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE trunk_status DROP COLUMN took;
ALTER TABLE trunk DROP COLUMN ping;
ALTER TABLE trunk DROP COLUMN dtmf;
ALTER TABLE trunk DROP COLUMN believes;
ALTER TABLE trunk DROP COLUMN shows;
ALTER TABLE trunk DROP COLUMN proxy;
