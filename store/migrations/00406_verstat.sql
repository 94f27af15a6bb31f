-- +goose Up
-- What the carrier says of the caller's number (STIR/SHAKEN, verstat): passed, failed, none; '' where it does not say, or is not believed.
ALTER TABLE call_record ADD COLUMN verified TEXT NOT NULL DEFAULT '';
-- Whether a trunk's word on that is believed.
ALTER TABLE trunk ADD COLUMN verifies BOOLEAN NOT NULL DEFAULT FALSE;
-- Where calls go whose number the carrier does not vouch for: JSON, '' for as all others.
ALTER TABLE phone_number ADD COLUMN doubted TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE phone_number DROP COLUMN doubted;
ALTER TABLE trunk DROP COLUMN verifies;
ALTER TABLE call_record DROP COLUMN verified;
