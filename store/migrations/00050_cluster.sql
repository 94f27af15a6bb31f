-- +goose Up
-- What one node holds and no other may: the work of a meeting, the registration at a trunk. Its holder's epoch is the fence:
-- a lease counts only while the node row has the same epoch and is up or draining.
CREATE TABLE lease (
    name  TEXT PRIMARY KEY,
    node  TEXT   NOT NULL,
    epoch BIGINT NOT NULL
);
CREATE INDEX lease_holder ON lease (node, epoch);

-- The lines of trunks that have a limit, and the calls that take them: the limit is the company's, not a node's.
CREATE TABLE line_use (
    trunk TEXT   NOT NULL,
    slot  BIGINT NOT NULL,                   -- from 1 to the trunk's limit
    call  TEXT   NOT NULL,
    PRIMARY KEY (trunk, slot)
);
CREATE INDEX line_use_call ON line_use (call);

-- Which worker sends to a recipient: node/epoch, '' when none.
ALTER TABLE mail_out_rcpt ADD COLUMN busy_by TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE mail_out_rcpt DROP COLUMN busy_by;
DROP TABLE line_use;
DROP TABLE lease;
