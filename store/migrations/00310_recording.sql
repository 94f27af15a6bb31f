-- +goose Up
-- What was said in calls, where the policy has it recorded (setting pbx.recording), and who listened to it.
CREATE TABLE recording (
    id     TEXT PRIMARY KEY,
    call   TEXT NOT NULL,
    at     BIGINT NOT NULL,              -- when it began
    length BIGINT NOT NULL,              -- milliseconds
    size   BIGINT NOT NULL,              -- bytes
    blob   TEXT NOT NULL,                -- WAV: our side left, the other side right
    peaks  TEXT NOT NULL                 -- JSON: the loudest moments of each side, 0 to 255
);
CREATE INDEX recording_call ON recording (call);
CREATE INDEX recording_at ON recording (at);
CREATE INDEX recording_blob ON recording (blob);

CREATE TABLE recording_heard (
    recording TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    at        BIGINT NOT NULL,           -- the minute
    PRIMARY KEY (recording, user_id, at)
);

-- +goose Down
DROP TABLE recording_heard;
DROP TABLE recording;
