-- +goose Up
-- Where the other nodes reach this one over SIP: transport:address:port, '' when it takes no calls.
ALTER TABLE node ADD COLUMN sip TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE node DROP COLUMN sip;
