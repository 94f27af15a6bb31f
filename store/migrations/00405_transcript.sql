-- +goose Up
-- What was said in recordings, in words, where a recogniser is set (setting pbx.words). It goes with the recording.
CREATE TABLE transcript (
    recording TEXT PRIMARY KEY REFERENCES recording (id) ON DELETE CASCADE,
    state     TEXT   NOT NULL,           -- waiting, done, failed
    spans     BIGINT NOT NULL,           -- so many pieces of the sound are written
    error     TEXT   NOT NULL,           -- of the last attempt, for administrators
    summary   TEXT   NOT NULL,           -- proposed by a machine; '' for none
    steps     TEXT   NOT NULL            -- JSON list: next steps, proposed
);
CREATE TABLE transcript_line (
    recording TEXT   NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
    span      BIGINT NOT NULL,           -- the piece of the sound, in order of time
    channel   BIGINT NOT NULL,           -- 0 our side, 1 theirs
    begins    BIGINT NOT NULL,           -- milliseconds from the beginning of the recording
    ends      BIGINT NOT NULL,
    text      TEXT   NOT NULL,
    PRIMARY KEY (recording, span)
);
-- The words of a transcript as people compare them: no case, no accents.
CREATE TABLE transcript_word (
    word      BYTEA NOT NULL,
    call      TEXT  NOT NULL,
    recording TEXT  NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
    PRIMARY KEY (word, call, recording)
);
CREATE INDEX transcript_word_call ON transcript_word (call);
CREATE INDEX transcript_word_recording ON transcript_word (recording);

-- +goose Down
DROP TABLE transcript_word;
DROP TABLE transcript_line;
DROP TABLE transcript;
