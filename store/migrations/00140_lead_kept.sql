-- +goose Up
-- Nobody was chosen for the lead: its responsible user only keeps it, and no phone of his rings for it.
ALTER TABLE lead ADD COLUMN kept BOOLEAN NOT NULL DEFAULT FALSE;

-- In a new installation the last rule has nobody chosen; those that have users keep what they had.
UPDATE rule SET action = '{"create":true,"assign":"nobody"}'
WHERE id = 'default' AND action = '{"create":true,"assign":"admin"}' AND NOT EXISTS (SELECT 1 FROM app_user);

-- +goose Down
UPDATE rule SET action = '{"create":true,"assign":"admin"}' WHERE action = '{"create":true,"assign":"nobody"}';
ALTER TABLE lead DROP COLUMN kept;
