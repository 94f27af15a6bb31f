-- +goose Up
-- Which entries of a timeline wait, as activity.waiting says: what a client's next call or mail settles is found without
-- reading all that ever was.
ALTER TABLE activity_entity ADD COLUMN waiting BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX activity_entity_waiting ON activity_entity (entity_kind, entity_id) WHERE waiting;
UPDATE activity_entity SET waiting = TRUE WHERE activity IN (SELECT id FROM activity WHERE waiting);
-- An older version may run beside this one, and leave it out.
INSERT INTO job (id, kind, payload, state, run_at, attempts, max_attempts, lease, lease_until, last_error, created_at)
SELECT 'crm.waiting', 'crm.waiting', '{"again":true}', 'ready', 0, 0, 20, '', 0, '', 0
WHERE EXISTS (SELECT 1 FROM activity WHERE waiting);

-- +goose Down
DROP INDEX activity_entity_waiting;
ALTER TABLE activity_entity DROP COLUMN waiting;
